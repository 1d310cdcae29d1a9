//! Paths as ElementTree has them: `book/title`, `.//book[@id='b1']`, `*[last()]`.

use std::collections::HashMap;

use ffi_object::{Error, Obj, Position};

use crate::node::Node;
use crate::Element;

/// The namespaces that a search knows, by prefix. The one without a prefix is that of names without one.
pub type Namespaces = HashMap<Option<String>, String>;

/// Which nodes are meant by a name.
#[derive(Debug, Clone, PartialEq)]
pub enum NameTest {
    /// All nodes but text.
    Node,
    /// Any element: `*`.
    Element,
    /// Elements with this very name, prefix included.
    Written(String),
    /// Elements by namespace and local name: `{uri}local`, `{uri}*`, `{*}local`. An empty namespace is none.
    Resolved {
        /// The namespace, if it matters.
        namespace: Option<String>,
        /// The local name, if it matters.
        local: Option<String>,
    },
}

impl NameTest {
    /// The test of a tag as `iter` takes it.
    ///
    /// # Errors
    ///
    /// A `ValueError` for what is no name.
    pub fn of_tag(tag: Option<&str>) -> Result<Self, Error> {
        match tag {
            None => Ok(Self::Node),
            Some(tag) => Self::of_name(tag, None)
                .ok_or_else(|| Error::value(format!("{tag:?} is not a tag (iter and its like take no paths)"))),
        }
    }

    fn of_name(name: &str, namespaces: Option<&Namespaces>) -> Option<Self> {
        let part = |text: &str| (text != "*").then(|| text.to_owned());
        if name == "*" {
            return Some(Self::Element);
        }
        if let Some((uri, local)) = name.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let valid = local == "*" || crate::chars::is_name(local) && !local.contains(':');
            return valid.then(|| Self::Resolved { namespace: part(uri), local: part(local) });
        }
        if !crate::chars::is_name(name) {
            return None;
        }
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix.to_owned()), local),
            None => (None, name),
        };
        let uri = namespaces.and_then(|n| n.get(&prefix).or_else(|| n.get(&Some(prefix.clone().unwrap_or_default()))));
        Some(match uri {
            Some(uri) => Self::Resolved { namespace: Some(uri.clone()), local: part(local) },
            None => Self::Written(name.to_owned()),
        })
    }

    /// Whether an element passes.
    #[must_use]
    pub fn admits(&self, element: &Obj<Element>) -> bool {
        match self {
            Self::Node | Self::Element => true,
            Self::Written(name) => element.tag.read(|tag| tag == name),
            Self::Resolved { namespace, local } => {
                local.as_ref().is_none_or(|local| element.tag.read(|tag| crate::element::local_name(tag) == local))
                    && namespace
                        .as_ref()
                        .is_none_or(|uri| Element::namespace(element).as_deref().unwrap_or_default() == uri)
            }
        }
    }

    /// Whether a node is an element that passes.
    #[must_use]
    pub fn admits_node(&self, node: &Obj<Node>) -> bool {
        match self {
            // The usual tests need no owner.
            Self::Element => node.is::<Element>(),
            Self::Written(name) => node.downcast_ref::<Element>().is_some_and(|e| e.tag.read(|tag| tag == name)),
            _ => node.clone().downcast::<Element>().is_ok_and(|element| self.admits(&element)),
        }
    }
}

/// What a predicate compares.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `@name`
    Attribute(String),
    /// A child's text.
    Child(NameTest),
    /// The element's own text: `.`
    Own,
}

/// A predicate: what stands in brackets.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Something is there.
    Has(Value),
    /// Something is (or is not) this text.
    Is(Value, bool, String),
    /// Counted among the siblings with the same tag: from 0, or from the end.
    At {
        /// The index.
        index: usize,
        /// From the end.
        from_end: bool,
    },
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.`
    Here,
    /// `..`
    Parent,
    /// A name: children.
    Child(NameTest),
    /// A name after `//`: descendants.
    Descendant(NameTest),
}

/// A path.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Whether it begins with `/`: at the document, not at an element.
    pub absolute: bool,
    /// Its steps, with their predicates.
    pub steps: Vec<(Step, Vec<Predicate>)>,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    namespaces: Option<&'a Namespaces>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, message: &str) -> Error {
        let column = self.text[..self.at].chars().count() + 1;
        Error::syntax(format!("{message} in the path {:?}", self.text), Position { line: 1, column })
    }

    fn expect(&mut self, token: &str) -> Result<(), Error> {
        self.spaces();
        if self.skip(token) {
            return Ok(());
        }
        Err(self.error(&format!("expected '{token}'")))
    }

    /// A name, `{uri}name` or `*`.
    fn name_text(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        if self.rest().starts_with('{') {
            let end = self.rest().find('}').ok_or_else(|| self.error("expected '}' after the namespace"))?;
            self.at += end + 1;
        }
        let name = self.rest();
        let len = name.find(|c: char| "/[]@='\"!(){} \t\n".contains(c)).unwrap_or(name.len());
        self.at += len;
        if len == 0 {
            return Err(self.error("expected a tag"));
        }
        Ok(&self.text[start..self.at])
    }

    fn name(&mut self) -> Result<NameTest, Error> {
        let start = self.at;
        let text = self.name_text()?;
        NameTest::of_name(text, self.namespaces).ok_or_else(|| {
            self.at = start;
            self.error(&format!("'{text}' is not a tag"))
        })
    }

    fn quoted(&mut self) -> Result<String, Error> {
        self.spaces();
        let quote = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else { return Err(self.error("expected a text in quotes")) };
        self.at += 1;
        let end = self.rest().find(quote).ok_or_else(|| self.error("a text without its closing quote"))?;
        let text = self.rest()[..end].to_owned();
        self.at += end + 1;
        Ok(text)
    }

    fn number(&mut self) -> Result<usize, Error> {
        self.spaces();
        let digits = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = self.rest()[..digits].parse().map_err(|_| self.error("expected a number"))?;
        self.at += digits;
        Ok(number)
    }

    fn predicate(&mut self) -> Result<Predicate, Error> {
        self.spaces();
        let predicate = if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            let number = self.number()?;
            let index = number.checked_sub(1).ok_or_else(|| self.error("positions count from 1"))?;
            Predicate::At { index, from_end: false }
        } else if self.skip("last()") {
            self.spaces();
            let index = if self.skip("-") { self.number()? } else { 0 };
            Predicate::At { index, from_end: true }
        } else {
            let value = if self.skip("@") {
                Value::Attribute(self.name_text()?.to_owned())
            } else if self.skip(".") {
                Value::Own
            } else {
                Value::Child(self.name()?)
            };
            self.spaces();
            let unequal = self.skip("!=");
            if unequal || self.skip("=") {
                Predicate::Is(value, !unequal, self.quoted()?)
            } else if value == Value::Own {
                return Err(self.error("expected '=' after '.'"));
            } else {
                Predicate::Has(value)
            }
        };
        self.expect("]")?;
        Ok(predicate)
    }

    fn path(&mut self) -> Result<Path, Error> {
        let mut steps = Vec::new();
        let absolute = self.rest().starts_with('/');
        let mut descend = self.skip("//");
        if !descend {
            self.skip("/");
        }
        if self.rest().is_empty() {
            return Err(self.error("expected a tag"));
        }
        loop {
            let step = if self.skip("..") {
                Step::Parent
            } else if self.skip(".") {
                Step::Here
            } else if descend {
                Step::Descendant(self.name()?)
            } else {
                Step::Child(self.name()?)
            };
            if descend && !matches!(step, Step::Descendant(_)) {
                return Err(self.error("expected a tag after '//'"));
            }
            let mut predicates = Vec::new();
            while self.skip("[") {
                predicates.push(self.predicate()?);
            }
            steps.push((step, predicates));
            if self.rest().is_empty() {
                return Ok(Path { absolute, steps });
            }
            descend = self.skip("//");
            if !descend && !self.skip("/") {
                return Err(self.error("expected '/' or '['"));
            }
            // As in ElementTree, a slash at the end means all children.
            if self.rest().is_empty() && !descend {
                steps.push((Step::Child(NameTest::Element), Vec::new()));
                return Ok(Path { absolute, steps });
            }
        }
    }
}

/// Reads a path.
///
/// # Errors
///
/// A `SyntaxError` with the place in the path.
pub fn parse(text: &str, namespaces: Option<&Namespaces>) -> Result<Path, Error> {
    Parser { text, at: 0, namespaces }.path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_steps_and_predicates() {
        let written = |name: &str| NameTest::Written(name.into());
        let path = parse(".//book[@id='b1']/title[last()-1]", None).unwrap();
        assert!(!path.absolute);
        assert_eq!(
            path.steps,
            [
                (Step::Here, vec![]),
                (
                    Step::Descendant(written("book")),
                    vec![Predicate::Is(Value::Attribute("id".into()), true, "b1".into())]
                ),
                (Step::Child(written("title")), vec![Predicate::At { index: 1, from_end: true }]),
            ]
        );
    }

    #[test]
    fn a_mistake_has_a_place() {
        for (text, column) in [("a[", 3), ("a]", 2), ("a[@b=c]", 6), ("", 1), ("a//", 4), ("a[0]", 4), ("1a", 1)] {
            let error = parse(text, None).unwrap_err();
            assert_eq!(error.position().unwrap().column, column, "{text}: {error}");
        }
    }
}
