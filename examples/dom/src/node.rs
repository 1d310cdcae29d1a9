//! The types of nodes, and what every node can say of itself.

use std::sync::atomic::AtomicU32;

use ffi_object::{ffi_methods, Error, FfiObject, Mut, Obj, Str, WeakObj};

use crate::chars::{Checked, IsComment, IsDoctype, IsInstruction, IsTarget, IsText};
use crate::children::{Children, Item};
use crate::walk::{self, NodeIterator};
use crate::{edit, write, Document, Element};

/// A part of a document: the base of elements, texts, comments and all other nodes.
///
/// A node is in one place of one tree at most. Putting it somewhere else moves it.
#[derive(FfiObject, Debug, Default)]
#[ffi(no_init)]
pub struct Node {
    /// Made by edits, and by walks over the tree. Trusted only as far as the parent has the node among its children.
    #[ffi(skip)]
    pub(crate) parent: Mut<WeakObj<ParentNode>>,
    /// Where among the parent's children it was last seen: a hint.
    #[ffi(skip)]
    pub(crate) place: AtomicU32,
    /// The line that it begins on, if it was parsed.
    #[ffi(skip)]
    pub(crate) line: u32,
}

/// What has children: the base of elements and documents.
#[derive(FfiObject, Debug)]
#[ffi(no_init)]
#[repr(C)]
pub struct ParentNode {
    #[ffi(base)]
    pub(crate) node: Node,
    /// The same list as `children`; what pickle and copy store.
    #[ffi(name = "_children")]
    pub(crate) content: Children,
}

/// A run of text.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct Text {
    #[ffi(base)]
    pub(crate) node: Node,
    /// The text, unescaped.
    pub text: Checked<IsText>,
}

/// Text that is written as a CDATA section.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct CData {
    #[ffi(base)]
    pub(crate) base: Text,
}

/// A comment.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct Comment {
    #[ffi(base)]
    pub(crate) node: Node,
    /// What stands between `<!--` and `-->`.
    #[ffi(default = Str::new(""))]
    pub text: Checked<IsComment>,
}

/// A processing instruction.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct ProcessingInstruction {
    #[ffi(base)]
    pub(crate) node: Node,
    /// Whom it is for: the name after `<?`.
    pub target: Checked<IsTarget>,
    /// What follows the target, up to `?>`.
    #[ffi(default = Str::new(""))]
    pub text: Checked<IsInstruction>,
}

/// A document type declaration, kept as it was written. Entities that it declares are not expanded.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct Doctype {
    #[ffi(base)]
    pub(crate) node: Node,
    /// What stands between `<!DOCTYPE` and `>`.
    pub text: Checked<IsDoctype>,
}

impl Node {
    /// A node that was parsed on this line.
    #[must_use]
    pub(crate) fn on_line(line: u32) -> Self {
        Self { line, ..Self::default() }
    }
}

impl Text {
    /// A text that is known to be one.
    #[must_use]
    pub(crate) fn trusted(node: Node, text: Str) -> Self {
        Self { node, text: Checked::trusted(text) }
    }
}

/// `<Text 'what it begins with' at 0x…>`
fn repr<T: FfiObject>(this: &Obj<T>, text: &str) -> String {
    const SHOWN: usize = 24;
    let mut start: String = text.chars().take(SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("<{} {start:?} at {:#x}>", this.type_info().name, this.as_raw().as_ptr().addr())
}

#[ffi_methods(cached)]
impl Node {
    /// The element that this node is a child of, or None for a root element and for a node that is in no tree.
    ///
    /// A parent is not kept alive by its children.
    pub fn getparent(self: &Obj<Self>) -> Option<Obj<Element>> {
        walk::parent_of(self)?.downcast().ok()
    }

    /// The element or the document that this node is a child of.
    #[ffi(getter)]
    pub fn parent(self: &Obj<Self>) -> Option<Obj<ParentNode>> {
        walk::parent_of(self)
    }

    /// The document that this node is in.
    pub fn getroottree(self: &Obj<Self>) -> Option<Obj<Document>> {
        walk::ancestors(self).last()?.downcast().ok()
    }

    /// The elements around this one, the nearest first.
    pub fn iterancestors(self: &Obj<Self>, #[ffi(default)] tag: Option<String>) -> Result<NodeIterator, Error> {
        let test = crate::path::NameTest::of_tag(tag.as_deref())?;
        let elements = walk::ancestors(self).filter_map(|parent| parent.downcast::<Element>().ok());
        Ok(NodeIterator::fixed(elements.filter(|e| test.admits(e)).map(|e| e.upcast().upcast()).collect()))
    }

    /// The next element, comment or processing instruction with the same parent.
    pub fn getnext(self: &Obj<Self>) -> Option<Obj<Self>> {
        walk::siblings(self, |items, place| items.iter_from(place + 1).find_map(Item::other).cloned())?
    }

    /// The previous element, comment or processing instruction with the same parent.
    pub fn getprevious(self: &Obj<Self>) -> Option<Obj<Self>> {
        walk::siblings(self, |items, place| (0..place).rev().find_map(|i| items.get(i)?.other()).cloned())?
    }

    /// Puts a node after this one, before the text that follows.
    pub fn addnext(self: &Obj<Self>, node: &Obj<Self>) -> Result<(), Error> {
        edit::beside(self, node, true)
    }

    /// Puts a node before this one.
    pub fn addprevious(self: &Obj<Self>, node: &Obj<Self>) -> Result<(), Error> {
        edit::beside(self, node, false)
    }

    /// Takes this node out of its tree. The text that follows it stays.
    pub fn detach(self: &Obj<Self>) {
        edit::detach(self);
    }

    /// The text between this node and the next that is not text, or None. Assigning replaces it; None removes it.
    ///
    /// It belongs to the parent: moving or removing this node leaves it where it is.
    #[ffi(getter)]
    pub fn tail(self: &Obj<Self>) -> Option<Str> {
        walk::siblings(self, |items, place| walk::text_at(items, place + 1))?
    }

    #[ffi(setter)]
    fn set_tail(self: &Obj<Self>, text: Option<String>) -> Result<(), Error> {
        edit::set_tail(self, text.as_deref())
    }

    /// The line of the source that this node begins on, or None if it was not parsed.
    #[ffi(getter)]
    pub fn sourceline(&self) -> Option<u32> {
        (self.line > 0).then_some(self.line)
    }

    /// The node as XML.
    pub fn to_string(self: &Obj<Self>) -> Result<String, Error> {
        write::to_string(self)
    }
}

#[ffi_methods(cached)]
impl Text {
    fn __repr__(self: &Obj<Self>) -> String {
        repr(self, &self.text.get())
    }
}

#[ffi_methods(cached)]
impl Comment {
    /// None: a comment has no tag.
    #[ffi(getter)]
    pub fn tag(&self) -> Option<String> {
        None
    }

    fn __repr__(self: &Obj<Self>) -> String {
        repr(self, &self.text.get())
    }
}

#[ffi_methods(cached)]
impl ProcessingInstruction {
    /// None: a processing instruction has a target, but no tag.
    #[ffi(getter)]
    pub fn tag(&self) -> Option<String> {
        None
    }

    fn __repr__(self: &Obj<Self>) -> String {
        repr(self, &format!("{} {}", self.target.get(), self.text.get()))
    }
}

#[ffi_methods(cached)]
impl Doctype {
    /// The name of the root element that the declaration asks for.
    #[ffi(getter)]
    pub fn name(&self) -> String {
        self.text.read(|text| text.split(|c: char| c.is_ascii_whitespace() || c == '[').next().unwrap_or("").to_owned())
    }

    fn __repr__(self: &Obj<Self>) -> String {
        repr(self, &self.text.get())
    }
}
