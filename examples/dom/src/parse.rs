//! Text to documents.
//!
//! quick-xml cuts the text into markup and checks that tags match. What XML asks for beyond that is checked here:
//! names, characters, references, one root, and where things may stand.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::iter::Peekable;
use std::ops::Deref;
use std::path::PathBuf;

use ffi_object::{ffi_function, Any, Error, Name, Obj, Position, Str};
use memchr::memmem::{self, FindIter};
use quick_xml::errors::IllFormedError;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::Reader;
use rustc_hash::FxBuildHasher;

use crate::attributes::{Attribute, Attributes};
use crate::chars::{first_bad_char, is_name, is_xml_char, Checked};
use crate::children::Child;
use crate::node::{CData, Comment, Doctype, Node, ProcessingInstruction, Text};
use crate::walk::fill;
use crate::{encoding, Document, Element};

/// Parses a document from a `str`, or from `bytes` in the encoding that they declare.
///
/// Text that is malformed is a `SyntaxError` with line and column.
#[ffi_function(cached)]
pub fn parse(text: Any) -> Result<Obj<Document>, Error> {
    match &text {
        Any::Str(text) => parse_text(text),
        Any::Bytes(bytes) => parse_text(&encoding::decode(bytes)?),
        other => Err(Error::type_error(format!(
            "parse() takes a document as str or bytes, not {} (parse_file() takes a path)",
            other.type_name()
        ))),
    }
}

/// Parses the document in a file.
#[ffi_function(cached)]
pub fn parse_file(path: PathBuf) -> Result<Obj<Document>, Error> {
    let bytes = std::fs::read(&path).map_err(|error| Error::os(error, &path))?;
    encoding::decode(&bytes).and_then(|text| parse_text(&text)).map_err(|error| error.in_file(&path))
}

/// Parses a document and gives its root element, which then is in no document.
#[ffi_function(cached)]
pub fn fromstring(text: Any) -> Result<Obj<Element>, Error> {
    Document::getroot(&parse(text)?).ok_or_else(|| Error::runtime("a document without a root element"))
}

/// A text that is parsed, to tell positions in it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    /// A text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// A `SyntaxError` at a byte offset.
    #[must_use]
    pub fn error(self, message: impl Into<String>, at: usize) -> Error {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
        Error::syntax(message, Position { line, column: before[start..].chars().count() + 1 })
    }
}

/// Parses a document.
///
/// # Errors
///
/// A `SyntaxError` with the position if the text is malformed.
pub fn parse_text(text: &str) -> Result<Obj<Document>, Error> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // Line ends are one character for all that follows, as XML has it.
    let text: Cow<'_, str> =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() };
    let source = Source::new(&text);
    // A second mark is a character, which quick-xml leaves out without counting it.
    if text.starts_with('\u{FEFF}') {
        return Err(source.error("text outside of the root element", 0));
    }
    if let Some(at) = first_bad_char(&text) {
        let c = text[at..].chars().next().map_or(0, u32::from);
        return Err(source.error(format!("XML does not allow the character U+{c:04X}"), at));
    }
    Builder::new(source).document()
}

/// An element whose end has not come.
struct Open<'a> {
    name: &'a str,
    tag: Name,
    attributes: Attributes,
    at: usize,
    line: u32,
    /// Where its children begin among the finished nodes.
    children: usize,
}

struct Builder<'a> {
    source: Source<'a>,
    reader: Reader<&'a [u8]>,
    /// Where the present event begins.
    at: usize,
    /// The line there.
    line: u32,
    open: Vec<Open<'a>>,
    /// Nodes whose parent is still open, children behind their elder siblings.
    finished: Vec<Child>,
    /// Text that may go on behind a reference.
    text: String,
    text_line: u32,
    names: Shared<Name>,
    texts: Shared<Str>,
    /// Where `]]>` is from here on, which text must not contain.
    section_ends: Peekable<FindIter<'a, 'static>>,
    declaration: Option<Declaration>,
    doctype: bool,
    root: bool,
}

struct Declaration {
    version: String,
    encoding: Option<String>,
    standalone: Option<bool>,
}

impl<'a> Builder<'a> {
    fn new(source: Source<'a>) -> Self {
        let mut reader = Reader::from_str(source.text);
        reader.config_mut().check_comments = true;
        Self {
            source,
            reader,
            at: 0,
            line: 1,
            open: Vec::new(),
            finished: Vec::new(),
            text: String::new(),
            text_line: 1,
            names: Shared::default(),
            texts: Shared::default(),
            section_ends: memmem::find_iter(source.text.as_bytes(), "]]>").peekable(),
            declaration: None,
            doctype: false,
            root: false,
        }
    }

    fn error(&self, message: impl Into<String>, at: usize) -> Error {
        self.source.error(message, at)
    }

    fn document(mut self) -> Result<Obj<Document>, Error> {
        loop {
            let event = self.reader.read_event();
            let event = event.map_err(|error| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                self.error(message(&error), at).caused_by(error)
            })?;
            let end = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let raw = &self.source.text.as_bytes()[self.at..end];
            if !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
                self.flush_text();
            }
            match event {
                Event::Eof => break,
                Event::Start(tag) => self.start(&tag)?,
                Event::Empty(tag) => {
                    self.start(&tag)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => {
                    self.append_text(&self.source.text[self.at..end]);
                    self.check_text(&text)?;
                }
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::CData(text) => {
                    self.inside("a CDATA section")?;
                    let base = Text::trusted(Node::on_line(self.line), Str::new(&text));
                    self.push(Obj::new(CData { base }).upcast().upcast());
                }
                Event::Comment(text) => {
                    if text.ends_with('-') {
                        return Err(self.error("a comment cannot end with '--->'", end - 4));
                    }
                    let text = Checked::trusted(Str::new(&text));
                    self.push(Obj::new(Comment { node: Node::on_line(self.line), text }).upcast());
                }
                Event::PI(instruction) => self.instruction(instruction.target(), instruction.content())?,
                Event::Decl(declaration) => self.declaration(&declaration)?,
                Event::DocType(text) => self.doctype(&text)?,
            }
            let lines = raw.iter().filter(|&&b| b == b'\n').count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.at = end;
        }
        let end = self.source.text.len();
        if let Some(open) = self.open.last() {
            let Position { line, column } =
                self.error("", open.at).position().unwrap_or(Position { line: 0, column: 0 });
            let message = format!("element '{}' of line {line}, column {column} has no end tag", open.name);
            return Err(self.error(message, end));
        }
        if !self.root {
            return Err(self.error("the document has no root element", end));
        }
        let document = Document::of(self.finished);
        if let Some(declaration) = self.declaration {
            document.version.set(Some(declaration.version));
            document.encoding.set(declaration.encoding);
            document.standalone.set(declaration.standalone);
        }
        Ok(document)
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        // The event borrows from the source, which it does not say.
        let start = self.at + 1;
        let name = &self.source.text[start..start + tag.name().as_ref().len()];
        if self.open.is_empty() && std::mem::replace(&mut self.root, true) {
            return Err(self.error(format!("a second root element, '{name}'"), self.at));
        }
        let tag_name = match self.names.find(name) {
            Some(known) => known,
            None if !is_name(name) => return Err(self.error(format!("{name:?} is not a name of an element"), start)),
            None => self.names.add(name),
        };
        let attributes = self.attributes(tag, start + name.len())?;
        let (at, line, children) = (self.at, self.line, self.finished.len());
        self.open.push(Open { name, tag: tag_name, attributes, at, line, children });
        Ok(())
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<Attributes, Error> {
        let raw = tag.attributes_raw();
        if raw.trim_ascii().is_empty() {
            return Ok(Attributes::of(Vec::new()));
        }
        let name_len = tag.name().as_ref().len();
        let at_of = |part: &str| start + part.as_ptr().addr().saturating_sub(raw.as_ptr().addr());
        let mut all: Vec<Attribute> = Vec::with_capacity(raw.bytes().filter(|&b| b == b'=').count());
        // For those that are too many to look through.
        let mut names = HashSet::new();
        let mut attributes = tag.attributes();
        for attribute in attributes.with_checks(false) {
            let attribute = attribute.map_err(|error| {
                let at = match error {
                    AttrError::ExpectedEq(at)
                    | AttrError::ExpectedValue(at)
                    | AttrError::UnquotedValue(at)
                    | AttrError::ExpectedQuote(at, _)
                    | AttrError::Duplicated(at, _) => at,
                };
                let message = match error {
                    AttrError::ExpectedEq(_) => "an attribute without '=' and a value",
                    AttrError::ExpectedValue(_) => "an attribute without a value",
                    AttrError::UnquotedValue(_) => "an attribute value without quotes",
                    AttrError::ExpectedQuote(..) => "an attribute value without its closing quote",
                    AttrError::Duplicated(..) => "an attribute that is there twice",
                };
                self.error(message, start - name_len + at).caused_by(error)
            })?;
            let name: &str = attribute.key.as_ref();
            let at = at_of(name);
            if !self.source.text[..at].ends_with([' ', '\t', '\n']) {
                return Err(self.error(format!("no space before the attribute '{name}'"), at));
            }
            let shared = match self.names.find(name) {
                Some(known) => known,
                None if !is_name(name) => {
                    return Err(self.error(format!("{name:?} is not a name of an attribute"), at));
                }
                None => self.names.add(name),
            };
            let value = self.attribute_value(&attribute.value, at_of(&attribute.value))?;
            let twice = if all.len() < 8 {
                all.iter().any(|(other, _)| **other == *name)
            } else {
                names.extend(all[names.len()..].iter().map(|(other, _)| other.clone()));
                names.contains(&shared)
            };
            if twice {
                return Err(self.error(format!("the attribute '{name}' is there twice"), at));
            }
            let value = self.texts.share(&value);
            all.push((shared, value));
        }
        Ok(Attributes::of(all))
    }

    fn attribute_value<'v>(&self, raw: &'v str, at: usize) -> Result<Cow<'v, str>, Error> {
        if !raw.bytes().any(|b| matches!(b, b'&' | b'<' | b'\t' | b'\n')) {
            return Ok(raw.into());
        }
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(i) = rest.find(['&', '<', '\t', '\n']) {
            value.push_str(&rest[..i]);
            let here = at + raw.len() - rest.len() + i;
            match rest.as_bytes()[i] {
                b'<' => return Err(self.error("'<' in an attribute value: write '&lt;'", here)),
                b'&' => {
                    let Some(end) = rest[i..].find(';') else {
                        return Err(self.error("'&' that begins no reference: write '&amp;'", here));
                    };
                    value.push(self.resolve(&rest[i + 1..i + end], here)?);
                    rest = &rest[i + end + 1..];
                    continue;
                }
                _ => value.push(' '),
            }
            rest = &rest[i + 1..];
        }
        value.push_str(rest);
        Ok(value.into())
    }

    fn end(&mut self) {
        // quick-xml has checked that there is one, and that it has this name.
        let Some(open) = self.open.pop() else { return };
        let element = Obj::new(Element::trusted(Node::on_line(open.line), open.tag, open.attributes)).upcast();
        fill(&element, self.finished.drain(open.children..));
        self.push(element.upcast());
    }

    fn push(&mut self, node: Obj<Node>) {
        self.finished.push(Child::Node(node));
    }

    /// # Errors
    ///
    /// At the present event, if no element is open.
    fn inside(&self, what: &str) -> Result<(), Error> {
        if self.open.is_empty() {
            return Err(self.error(format!("{what} outside of the root element"), self.at));
        }
        Ok(())
    }

    fn append_text(&mut self, text: &str) {
        if self.text.is_empty() {
            self.text_line = self.line;
        }
        if !self.open.is_empty() {
            self.text.push_str(text);
        }
    }

    fn check_text(&mut self, text: &str) -> Result<(), Error> {
        if self.open.is_empty() {
            if let Some(i) = text.find(|c: char| !c.is_ascii_whitespace()) {
                return Err(self.error("text outside of the root element", self.at + i));
            }
        }
        let here = self.at..self.at + text.len();
        while self.section_ends.next_if(|&end| end < here.start).is_some() {}
        match self.section_ends.peek() {
            Some(&end) if here.contains(&end) => Err(self.error("']]>' in text: write ']]&gt;'", end)),
            _ => Ok(()),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Error> {
        self.inside("a reference")?;
        let c = self.resolve(reference, self.at)?;
        self.append_text(c.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    /// The character that a reference, without `&` and `;`, stands for.
    fn resolve(&self, reference: &str, at: usize) -> Result<char, Error> {
        let number = match reference.strip_prefix('#') {
            Some(number) => number,
            None => {
                return match reference {
                    "lt" => Ok('<'),
                    "gt" => Ok('>'),
                    "amp" => Ok('&'),
                    "quot" => Ok('"'),
                    "apos" => Ok('\''),
                    name if is_name(name) => {
                        let message = format!("unknown entity '&{name};': entities of a DTD are not expanded");
                        Err(self.error(message, at))
                    }
                    _ => Err(self.error("'&' that begins no reference: write '&amp;'", at)),
                };
            }
        };
        let code = match number.strip_prefix('x') {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16).ok(),
            None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok(),
            _ => None,
        };
        let c = code.and_then(char::from_u32).filter(|c| is_xml_char(*c));
        c.ok_or_else(|| self.error(format!("'&{reference};' is not a character of XML"), at))
    }

    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            let text = self.texts.share(&self.text);
            self.text.clear();
            self.finished.push(Child::Text(text, self.text_line));
        }
    }

    fn instruction(&mut self, target: &str, content: &str) -> Result<(), Error> {
        if !is_name(target) || target.eq_ignore_ascii_case("xml") {
            return Err(self.error(format!("{target:?} is not a target of a processing instruction"), self.at + 2));
        }
        let node = Node::on_line(self.line);
        let text = Checked::trusted(Str::new(content.trim_ascii_start()));
        let instruction = ProcessingInstruction { node, target: Checked::trusted(Str::new(target)), text };
        self.push(Obj::new(instruction).upcast());
        Ok(())
    }

    fn declaration(&mut self, declaration: &BytesDecl<'_>) -> Result<(), Error> {
        if self.at > 0 {
            return Err(self.error("an XML declaration that is not at the very start", self.at));
        }
        let malformed = || self.error("a malformed XML declaration", self.at);
        let own = |text: Cow<'_, str>| text.into_owned();
        let version = declaration.version().map(own).map_err(|error| malformed().caused_by(error))?;
        let encoding = declaration.encoding().transpose().map_err(|error| malformed().caused_by(error))?.map(own);
        let standalone = declaration.standalone().transpose().map_err(|error| malformed().caused_by(error))?;
        let standalone = match standalone.as_deref() {
            None => None,
            Some("yes") => Some(true),
            Some("no") => Some(false),
            Some(_) => return Err(malformed()),
        };
        if check_version(&version).is_err() || encoding.as_ref().is_some_and(|name| check_encoding(name).is_err()) {
            return Err(malformed());
        }
        self.declaration = Some(Declaration { version, encoding, standalone });
        Ok(())
    }

    fn doctype(&mut self, text: &str) -> Result<(), Error> {
        if self.root || std::mem::replace(&mut self.doctype, true) {
            return Err(self.error("a document type declaration in a wrong place", self.at));
        }
        check_doctype(text).map_err(|error| self.error(error.message(), self.at))?;
        let text = Checked::trusted(Str::new(text));
        self.push(Obj::new(Doctype { node: Node::on_line(self.line), text }).upcast());
        Ok(())
    }
}

/// What quick-xml says, without the kind of error that it puts before it.
fn message(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => {
            "'&' that begins no reference: write '&amp;'".to_owned()
        }
        quick_xml::Error::IllFormed(error) => error.to_string(),
        quick_xml::Error::Syntax(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Texts that tend to come again, as names, values of attributes and the white space between elements do, each stored once as long
/// as no other takes its place.
struct Shared<T> {
    places: Vec<Option<T>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { places: (0..Self::PLACES).map(|_| None).collect() }
    }
}

impl<T> Shared<T> {
    const PLACES: usize = 1024;
    /// Texts that are longer are not looked for.
    const LONGEST: usize = 64;
}

impl<T: Clone + Deref<Target = str> + for<'a> From<&'a str>> Shared<T> {
    fn place(text: &str) -> usize {
        FxBuildHasher.hash_one(text) as usize % Self::PLACES
    }

    fn find(&self, text: &str) -> Option<T> {
        self.places[Self::place(text)].as_ref().filter(|known| ***known == *text).cloned()
    }

    fn add(&mut self, text: &str) -> T {
        let shared = T::from(text);
        self.places[Self::place(text)] = Some(shared.clone());
        shared
    }

    fn share(&mut self, text: &str) -> T {
        if text.len() > Self::LONGEST {
            return text.into();
        }
        self.find(text).unwrap_or_else(|| self.add(text))
    }
}

/// # Errors
///
/// A `ValueError` if this is no version of XML.
pub(crate) fn check_version(version: &str) -> Result<(), Error> {
    match version.strip_prefix("1.") {
        Some(minor) if !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        _ => Err(Error::value(format!("{version:?} is not a version of XML"))),
    }
}

/// # Errors
///
/// A `ValueError` if this cannot be a name of an encoding.
pub(crate) fn check_encoding(name: &str) -> Result<(), Error> {
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(rest) {
        return Ok(());
    }
    Err(Error::value(format!("{name:?} is not a name of an encoding")))
}

/// # Errors
///
/// A `ValueError` if this cannot stand between `<!DOCTYPE` and `>`.
pub(crate) fn check_doctype(text: &str) -> Result<(), Error> {
    crate::chars::check_chars(text)?;
    let name = text.split(|c: char| c.is_ascii_whitespace() || c == '[').next().unwrap_or("");
    crate::chars::check_name(name)?;
    // What the reader takes for one declaration is one.
    let whole = format!("<!DOCTYPE {text}>");
    let mut reader = Reader::from_str(&whole);
    match (reader.read_event(), reader.read_event()) {
        (Ok(Event::DocType(_)), Ok(Event::Eof)) => Ok(()),
        _ => Err(Error::value("malformed document type declaration")),
    }
}
