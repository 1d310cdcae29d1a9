//! Documents: the root element with what stands before and after it.

use std::path::PathBuf;

use ffi_object::{ffi_methods, Error, FfiObject, Mut, Obj};

use crate::children::Child;
use crate::edit::{self, Spot};
use crate::node::{Doctype, Node, ParentNode};
use crate::{encoding, walk, write, Element};

/// A document. Its children are the root element and the comments, processing instructions and the document type
/// declaration around it.
#[derive(FfiObject, Debug)]
#[repr(C)]
pub struct Document {
    #[ffi(base)]
    pub(crate) base: ParentNode,
    /// The version in the XML declaration. None: there is no declaration.
    #[ffi(default)]
    pub version: Mut<Option<String>>,
    /// The encoding in the XML declaration, which files are written in. None: it names none, and UTF-8 is meant.
    #[ffi(default)]
    pub encoding: Mut<Option<String>>,
    /// What the XML declaration says of external markup.
    #[ffi(default)]
    pub standalone: Mut<Option<bool>>,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            base: ParentNode::new(Node::default()),
            version: Mut::default(),
            encoding: Mut::default(),
            standalone: Mut::default(),
        }
    }
}

impl Document {
    /// A document of these nodes.
    pub(crate) fn of(children: Vec<Child>) -> Obj<Self> {
        let document = Obj::new(Self::default());
        walk::fill(&document.clone().upcast(), children.into_iter());
        document
    }

    fn child<T: FfiObject>(this: &Obj<Self>) -> Option<Obj<T>> {
        let found = this.base.content.with(|items| items.others().find(|n| n.is::<T>()).cloned())?;
        edit::link_one(&this.clone().upcast(), &found);
        found.downcast().ok()
    }
}

#[ffi_methods(cached)]
impl Document {
    /// A document without a root element: assign to `root`.
    #[ffi(new)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The root element, or None. Assigning replaces it.
    #[ffi(getter)]
    pub fn root(self: &Obj<Self>) -> Option<Obj<Element>> {
        Self::child(self)
    }

    #[ffi(setter)]
    fn set_root(self: &Obj<Self>, root: &Obj<Element>) -> Result<(), Error> {
        let parent: Obj<ParentNode> = self.clone().upcast();
        let old = Self::getroot(self).map(|root| root.upcast().upcast());
        let spot = old.as_ref().map_or(Spot::End, Spot::Instead);
        edit::insert(&parent, &[root.clone().upcast().upcast()], &spot)
    }

    /// The root element, or None.
    pub fn getroot(self: &Obj<Self>) -> Option<Obj<Element>> {
        Self::child(self)
    }

    /// The document type declaration, or None.
    #[ffi(getter)]
    pub fn doctype(self: &Obj<Self>) -> Option<Obj<Doctype>> {
        Self::child(self)
    }

    /// The document as bytes, in an encoding: without one in its own, or in UTF-8.
    ///
    /// Characters that the encoding does not have are written as references.
    pub fn to_bytes(self: &Obj<Self>, #[ffi(default)] encoding: Option<String>) -> Result<ffi_object::Bytes, Error> {
        let name = encoding.or_else(|| self.encoding.get()).unwrap_or_else(|| "UTF-8".into());
        let encoding = encoding::Encoding::named(&name)?;
        let text = write::document_in(self, &name, encoding)?;
        Ok(ffi_object::Bytes::new(&encoding.encode(&text)))
    }

    /// Writes the document to a file, as `to_bytes` has it. The file is only touched when all went well up to there.
    pub fn write(self: &Obj<Self>, path: PathBuf, #[ffi(default)] encoding: Option<String>) -> Result<(), Error> {
        let bytes = Self::to_bytes(self, encoding)?;
        std::fs::write(&path, &*bytes).map_err(|error| Error::os(error, path))
    }

    fn __repr__(self: &Obj<Self>) -> String {
        let root = Self::getroot(self).map_or_else(|| "empty".to_owned(), |root| root.tag.get().to_string());
        format!("<Document {root} at {:#x}>", self.as_raw().as_ptr().addr())
    }
}
