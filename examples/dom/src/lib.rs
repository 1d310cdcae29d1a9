//! An XML document model whose nodes are objects: one Python identity and one lifetime each.
//!
//! | module | what it does |
//! |---|---|
//! | [`node`] | the types of nodes, and what they say of themselves |
//! | [`element`], [`document`] | elements and documents: attributes, text, items |
//! | [`edit`] | insert, remove, replace, move: parents and cycles |
//! | [`walk`] | document order, without recursion |
//! | [`find`], [`path`] | searching, by the paths of ElementTree |
//! | [`mod@parse`], [`encoding`] | text and bytes to documents |
//! | [`write`](mod@write) | documents to text and bytes |
//! | [`chars`] | what XML allows in names and texts |
//! | [`children`], [`attributes`] | what elements consist of, which becomes objects when Python asks for them |
//!
//! A node's parent is a weak reference: a tree is owned from its root downwards.

#![forbid(unsafe_code)]

pub mod attributes;
pub mod chars;
pub mod children;
pub mod document;
pub mod edit;
pub mod element;
pub mod encoding;
pub mod find;
pub mod node;
pub mod parse;
pub mod path;
pub mod walk;
pub mod write;

pub use document::Document;
pub use element::Element;
pub use node::{CData, Comment, Doctype, Node, ParentNode, ProcessingInstruction, Text};
pub use parse::{fromstring, parse, parse_file};

ffi_python::module!(dom);
