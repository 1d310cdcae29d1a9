//! Searching: what a path leads to.

use std::collections::{HashMap, HashSet};

use ffi_object::{Error, Obj};

use crate::node::{Node, ParentNode};
use crate::path::{NameTest, Path, Predicate, Step, Value};
use crate::walk::{self, Walk};
use crate::{Document, Element};

/// Attributes that an element must have: with this value, or with any.
pub type Wanted = HashMap<String, Option<String>>;

fn has_attributes(element: &Element, wanted: &Wanted) -> bool {
    wanted.iter().all(|(name, value)| match (element.attribute(name), value) {
        (Some(there), Some(value)) => *there == **value,
        (there, None) => there.is_some(),
        (None, Some(_)) => false,
    })
}

/// A search that may stop early.
struct Search<'a> {
    wanted: &'a Wanted,
    /// How many are enough.
    enough: usize,
    /// The elements with one tag under one parent, for positions.
    ranks: Option<(Obj<ParentNode>, String, Vec<Obj<Element>>)>,
}

/// The elements that a path leads to, in document order, each once.
///
/// # Errors
///
/// A `ValueError` if the tree contains itself, or for an absolute path from an element.
pub(crate) fn find(
    start: &Obj<ParentNode>,
    path: &Path,
    wanted: &Wanted,
    one: bool,
) -> Result<Vec<Obj<Element>>, Error> {
    let start = match start.clone().downcast::<Document>() {
        Ok(document) if path.absolute => document.upcast(),
        Ok(document) => match Document::getroot(&document) {
            Some(root) => root.upcast(),
            None => return Ok(Vec::new()),
        },
        Err(_) if path.absolute => {
            return Err(Error::value("a path from an element cannot begin with '/': begin with './/' instead"));
        }
        Err(element) => element,
    };
    let mut at: Vec<Obj<ParentNode>> = vec![start];
    let none = Wanted::new();
    let last = path.steps.len().saturating_sub(1);
    for (i, (step, predicates)) in path.steps.iter().enumerate() {
        let (wanted, enough) = if i == last { (wanted, if one { 1 } else { usize::MAX }) } else { (&none, usize::MAX) };
        at = Search { wanted, enough, ranks: None }.step(&at, step, predicates)?;
    }
    Ok(at.into_iter().filter_map(|parent| parent.downcast().ok()).collect())
}

impl Search<'_> {
    fn step(
        &mut self,
        from: &[Obj<ParentNode>],
        step: &Step,
        predicates: &[Predicate],
    ) -> Result<Vec<Obj<ParentNode>>, Error> {
        let mut found: Vec<Obj<ParentNode>> = Vec::new();
        // Ways from several places may lead to the same one.
        let mut seen = (from.len() > 1).then(HashSet::new);
        for context in from {
            let mut next = Candidates::new(context, step);
            while let Some(candidate) = next.next()? {
                let Ok(element) = candidate.clone().downcast::<Element>() else {
                    // The document itself, on the way.
                    if predicates.is_empty() && self.wanted.is_empty() {
                        found.push(candidate);
                    }
                    continue;
                };
                if has_attributes(&element, self.wanted)
                    && self.passes(&element, predicates)?
                    && seen.as_mut().is_none_or(|seen| seen.insert(candidate.as_raw().as_ptr()))
                {
                    found.push(candidate);
                    if found.len() >= self.enough {
                        return Ok(found);
                    }
                }
            }
        }
        Ok(found)
    }

    fn passes(&mut self, element: &Obj<Element>, predicates: &[Predicate]) -> Result<bool, Error> {
        for predicate in predicates {
            let passes = match predicate {
                Predicate::Has(Value::Attribute(name)) => element.attribute(name).is_some(),
                Predicate::Has(Value::Child(test)) => !child_elements(element, test).is_empty(),
                Predicate::Has(Value::Own) => true,
                Predicate::Is(Value::Attribute(name), equal, text) => {
                    element.attribute(name).is_some_and(|value| (*value == **text) == *equal)
                }
                Predicate::Is(Value::Child(test), equal, text) => {
                    let mut any = false;
                    for child in child_elements(element, test) {
                        any |= (text_of(&child)? == *text) == *equal;
                    }
                    any
                }
                Predicate::Is(Value::Own, equal, text) => (text_of(element)? == *text) == *equal,
                Predicate::At { index, from_end } => self.is_at(element, *index, *from_end),
            };
            if !passes {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_at(&mut self, element: &Obj<Element>, index: usize, from_end: bool) -> bool {
        let node: Obj<Node> = element.clone().upcast().upcast();
        // A root has no siblings.
        let Some(parent) = walk::parent_of(&node) else { return index == 0 };
        let tag = element.tag.get();
        if self.ranks.as_ref().is_none_or(|(p, t, _)| *p != parent || **t != *tag) {
            let test = NameTest::Written(tag.to_string());
            let same = elements_among(&parent, &test);
            self.ranks = Some((parent, tag.to_string(), same));
        }
        let same = self.ranks.as_ref().map_or(&[][..], |(_, _, same)| same);
        let index = if from_end { same.len().checked_sub(index + 1) } else { Some(index) };
        index.and_then(|i| same.get(i)) == Some(element)
    }
}

fn elements_among(parent: &Obj<ParentNode>, test: &NameTest) -> Vec<Obj<Element>> {
    let children = walk::children(&parent.clone().upcast());
    let others = children.iter().flat_map(|children| children.iter()).filter_map(|child| child.item().other());
    others.filter_map(|n| n.clone().downcast::<Element>().ok()).filter(|e| test.admits(e)).collect()
}

fn child_elements(element: &Obj<Element>, test: &NameTest) -> Vec<Obj<Element>> {
    elements_among(&element.clone().upcast(), test)
}

fn text_of(element: &Obj<Element>) -> Result<String, Error> {
    ParentNode::text_content(&element.clone().upcast())
}

/// Where a step leads from one place, before its predicates.
enum Candidates<'a> {
    Some(std::vec::IntoIter<Obj<ParentNode>>),
    Descendants(Walk, &'a NameTest),
}

impl<'a> Candidates<'a> {
    fn new(context: &Obj<ParentNode>, step: &'a Step) -> Self {
        let node: Obj<Node> = context.clone().upcast();
        match step {
            Step::Here => Self::Some(vec![context.clone()].into_iter()),
            Step::Parent => {
                // As in ElementTree, nothing is above a root.
                let parent = walk::parent_of(&node).filter(|p| p.is::<Element>());
                Self::Some(Vec::from_iter(parent).into_iter())
            }
            Step::Child(test) => {
                Self::Some(elements_among(context, test).into_iter().map(Obj::upcast).collect::<Vec<_>>().into_iter())
            }
            Step::Descendant(test) => {
                let mut walk = Walk::new(node);
                // The place itself is no descendant. A walk that cannot begin is reported by its next step.
                let _ = walk.step();
                Self::Descendants(walk, test)
            }
        }
    }

    fn next(&mut self) -> Result<Option<Obj<ParentNode>>, Error> {
        let (walk, test) = match self {
            Self::Some(places) => return Ok(places.next()),
            Self::Descendants(walk, test) => (walk, test),
        };
        while let Some(node) = walk.node()? {
            if test.admits_node(node) {
                if let Ok(found) = node.clone().downcast() {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }
}
