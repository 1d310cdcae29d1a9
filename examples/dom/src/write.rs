//! Documents to text and bytes.

use ffi_object::{Error, Obj};

use crate::chars::{first_bad_char, is_name};
use crate::children::Item;
use crate::encoding::Encoding;
use crate::node::{CData, Comment, Doctype, Node, ParentNode, ProcessingInstruction, Text};
use crate::parse::{check_encoding, check_version};
use crate::walk::{Step, Walk};
use crate::{edit, Document, Element};

/// A node as XML.
///
/// # Errors
///
/// A `ValueError` for what XML cannot say, as a control character that was put straight into `attrib`.
pub fn to_string(node: &Obj<Node>) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), encoding: None };
    match node.clone().downcast::<Document>() {
        Ok(document) => writer.document(&document, document.version.get(), document.encoding.get())?,
        Err(node) => writer.tree(node)?,
    }
    Ok(writer.out)
}

/// A document as XML for an encoding, which the declaration names.
pub(crate) fn document_in(document: &Obj<Document>, name: &str, encoding: Encoding) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), encoding: Some(encoding) };
    let utf8 = encoding == Encoding::Other(encoding_rs::UTF_8);
    let version = document.version.get();
    let named = (version.is_none() || document.encoding.get().is_some() || !utf8).then(|| name.to_owned());
    let version = if utf8 { version } else { version.or_else(|| Some("1.0".into())) };
    writer.document(document, version, named)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    /// What the text is encoded in afterwards. None: it stays text.
    encoding: Option<Encoding>,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Attribute,
}

impl Writer {
    fn document(
        &mut self,
        document: &Obj<Document>,
        version: Option<String>,
        encoding: Option<String>,
    ) -> Result<(), Error> {
        if let Some(version) = version {
            check_version(&version)?;
            self.out.push_str(&format!("<?xml version=\"{version}\""));
            if let Some(encoding) = encoding {
                check_encoding(&encoding)?;
                self.out.push_str(&format!(" encoding=\"{encoding}\""));
            }
            if let Some(standalone) = document.standalone.get() {
                self.out.push_str(if standalone { " standalone=\"yes\"" } else { " standalone=\"no\"" });
            }
            self.out.push_str("?>\n");
        }
        let nodes: Vec<_> = ParentNode::list(&document.clone().upcast()).iter().collect();
        edit::check_document(&nodes)?;
        for (i, node) in nodes.into_iter().enumerate() {
            if i > 0 {
                self.out.push('\n');
            }
            self.tree(node)?;
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        Ok(())
    }

    fn tree(&mut self, node: Obj<Node>) -> Result<(), Error> {
        let mut walk = Walk::new(node);
        while let Some(step) = walk.step()? {
            let node = match walk.here() {
                Item::Text(text) => {
                    self.escaped(text, Place::Text)?;
                    continue;
                }
                Item::Node(node) => node,
            };
            match (node.downcast_ref::<Element>(), step) {
                (Some(element), Step::Enter) => {
                    self.start(element)?;
                    self.out.push_str(if walk.is_above_children() { ">" } else { "/>" });
                }
                (Some(element), Step::Leave) => {
                    self.out.push_str("</");
                    element.tag.read(|tag| self.out.push_str(tag));
                    self.out.push('>');
                }
                (None, Step::Enter) => self.leaf(node)?,
                (None, Step::Leave) => {}
            }
        }
        Ok(())
    }

    fn start(&mut self, element: &Element) -> Result<(), Error> {
        let tag = element.tag.get();
        self.out.push('<');
        self.literal(&tag, "a tag")?;
        element.attrib.entries().iter().try_for_each(|(name, value)| {
            // The map takes any text; what XML takes is checked here at the latest.
            if !is_name(name) {
                return Err(Error::value(format!("<{tag}> has an attribute {name:?}, which is not an XML name")));
            }
            self.out.push(' ');
            self.literal(name, "a name")?;
            self.out.push_str("=\"");
            self.escaped(value, Place::Attribute)
                .map_err(|error| error.at(format_args!("attribute '{name}' of <{tag}>")))?;
            self.out.push('"');
            Ok(())
        })
    }

    fn leaf(&mut self, node: &Obj<Node>) -> Result<(), Error> {
        if let Some(section) = node.downcast_ref::<CData>() {
            let text = section.base.text.get();
            self.out.push_str("<![CDATA[");
            // The end of a section cannot be in one: it is split over two.
            self.literal(&text.replace("]]>", "]]]]><![CDATA[>"), "a CDATA section")?;
            self.out.push_str("]]>");
        } else if let Some(text) = node.downcast_ref::<Text>() {
            self.escaped(&text.text.get(), Place::Text)?;
        } else if let Some(comment) = node.downcast_ref::<Comment>() {
            self.out.push_str("<!--");
            self.literal(&comment.text.get(), "a comment")?;
            self.out.push_str("-->");
        } else if let Some(instruction) = node.downcast_ref::<ProcessingInstruction>() {
            self.out.push_str("<?");
            self.literal(&instruction.target.get(), "a target")?;
            let text = instruction.text.get();
            if !text.is_empty() {
                self.out.push(' ');
                self.literal(&text, "a processing instruction")?;
            }
            self.out.push_str("?>");
        } else if let Some(doctype) = node.downcast_ref::<Doctype>() {
            self.out.push_str("<!DOCTYPE ");
            self.literal(&doctype.text.get(), "a document type declaration")?;
            self.out.push('>');
        } else {
            return Err(Error::value(format!("a {} cannot be a child", node.type_info().name)));
        }
        Ok(())
    }

    /// Text where nothing can be escaped.
    fn literal(&mut self, text: &str, what: &str) -> Result<(), Error> {
        if let Some(encoding) = self.encoding {
            if let Some(c) = text.chars().find(|c| !encoding.has(*c)) {
                return Err(Error::value(format!("the encoding has no {c:?}, which is in {what}")));
            }
        }
        self.out.push_str(text);
        Ok(())
    }

    fn escaped(&mut self, text: &str, place: Place) -> Result<(), Error> {
        if let (Place::Attribute, Some(at)) = (place, first_bad_char(text)) {
            let c = text[at..].chars().next().map_or(0, u32::from);
            return Err(Error::value(format!("XML does not allow the character U+{c:04X}")));
        }
        let special = |b: u8| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\r' | b'\t' | b'\n');
        if !text.bytes().any(special) {
            self.encodable(text);
            return Ok(());
        }
        let mut written = 0;
        for (i, b) in text.bytes().enumerate() {
            let escape = match b {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'\r' => "&#13;",
                b'"' if place == Place::Attribute => "&quot;",
                b'\t' if place == Place::Attribute => "&#9;",
                b'\n' if place == Place::Attribute => "&#10;",
                _ => continue,
            };
            self.encodable(&text[written..i]);
            self.out.push_str(escape);
            written = i + 1;
        }
        self.encodable(&text[written..]);
        Ok(())
    }

    /// Text without markup. What the encoding does not have is written as a reference.
    fn encodable(&mut self, text: &str) {
        match self.encoding {
            Some(encoding) if !text.is_ascii() => {
                for c in text.chars() {
                    if encoding.has(c) {
                        self.out.push(c);
                    } else {
                        self.out.push_str(&format!("&#{};", u32::from(c)));
                    }
                }
            }
            _ => self.out.push_str(text),
        }
    }
}
