//! Reference-counted Rust objects that keep **one identity and one lifetime** in every language that sees them.
//!
//! `#[derive(FfiObject)]` on a plain struct makes it a type of *objects*: values in allocations of their own, owned by
//! [`Obj`], on any thread, with no interpreter in sight. A frontend, such as `ffi-python`, turns the registered types
//! into classes, and every object into exactly one object of its language.
//!
//! ```
//! use ffi_object::{ffi_methods, FfiObject, List, Mut, Obj};
//!
//! /// A point in the plane.
//! #[derive(FfiObject)]
//! pub struct Point {
//!     pub x: Mut<f64>,
//!     pub y: Mut<f64>,
//! }
//!
//! #[derive(FfiObject)]
//! pub struct Path {
//!     pub points: Obj<List<Obj<Point>>>,
//!     #[ffi(default = String::from("unnamed"))]
//!     pub label: Mut<String>,
//! }
//!
//! #[ffi_methods]
//! impl Path {
//!     /// The last point, if there is one.
//!     pub fn last(&self) -> Option<Obj<Point>> {
//!         self.points.get(self.points.len().checked_sub(1)?)
//!     }
//! }
//! ```
//!
//! The module [`state`] explains the protocol that the promise rests on.

mod alloc;
mod any;
mod args;
mod build;
mod by_name;
mod bytes;
mod cell;
mod census;
mod containers;
#[doc(hidden)]
pub mod defined;
mod destroy;
mod enumeration;
mod error;
mod error_class;
mod field;
mod foreign;
mod free_list;
pub mod frontend;
mod header;
pub mod info;
#[cfg(feature = "pyo3")]
mod interop;
mod iter;
#[doc(hidden)]
pub mod lock;
mod name;
mod named;
mod number;
mod obj;
mod options;
mod params;
mod raw;
mod reflect;
mod registry;
mod rust_function;
mod signature;
mod slice;
pub mod standard;
pub mod state;
pub mod structural;
mod sync;
mod template;
mod text;
mod thread;
mod trace;
mod value;
pub mod visit;
mod weak;
mod word;

pub use any::Any;
pub use bytes::{Bytes, Str};
pub use cell::Mut;
pub use census::live_objects;
pub use containers::{Array, Key, List, Map, OrderedMap, Set};
pub use enumeration::FfiEnum;
pub use error::{Error, ErrorKind, IntoError, Position};
pub use error_class::{ErrorBase, ErrorClass, ErrorType, FfiError};
pub use ffi_object_derive::{ffi_function, ffi_methods, FfiEnum, FfiError, FfiObject};
pub use field::Field;
pub use foreign::{CallArgs, Callback, Function, PyValue};
pub use info::{FieldInfo, TypeInfo};
pub use iter::Iter;
pub use name::Name;
pub use named::{function_names, get_function, register_function, unregister_function, NamedFunction};
pub use obj::{AnyObj, FfiObject, Obj, Object};
pub use registry::{registry, Class, Registry};
pub use rust_function::RustFunction;
pub use slice::{Slice, SliceIndices, Subscript};
pub use value::{RefArg, Return, Value};
pub use weak::WeakObj;

/// What expansions and frontends use. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    #[cfg(feature = "pyo3")]
    pub use pyo3;

    pub use crate::args::Arguments;
    pub use crate::census::TypeCell;
    pub use crate::containers::{Common, Cursor, RawArray, RawList, RawMap, RawSet, SetOperation, Step, WrongSize};
    pub use crate::enumeration::{decode_member, encode_member, EnumCell, EnumInfo, FfiEnum, Member};
    pub use crate::error_class::{class_of, ErrorBase, ErrorClass, ErrorField, ErrorType, FfiError};
    pub use crate::frontend::{call, Decoder, Encoder, Handle};
    pub use crate::header::RawObject;
    pub use crate::info::{
        ends_with_default, extend_lineage, read_projected, read_projected_or, Build, Builder, ConstantInfo,
        Constructor, Entry, FieldInfo, FunctionInfo, HiddenField, Memory, MethodKind, NewResult, Param, ParamKind,
        Projection, Receiver, Signature, Source, TypeInfo, TypeOptions,
    };
    #[cfg(feature = "pyo3")]
    pub use crate::interop::{borrow, give};
    pub use crate::named::Kind as NamedKind;
    pub use crate::obj::{base_is_final, base_lineage, FfiObject, Obj, Object};
    pub use crate::raw::build_in_python;
    pub use crate::reflect::REFLECTION;
    pub use crate::registry::freeze;
    pub use crate::rust_function::About;
    pub use crate::template::{instance, trampoline, GenericMethod, Instance, Joined, NoMethods, Template};
    pub use crate::trace::{walk, Edge, Late, Start, Tracing};
    pub use crate::value::{trace_as, RefArg, Return, Value};
    pub use crate::{__interop as interop, Error, Field};
}

/// Nothing: the feature `pyo3` is off.
#[cfg(not(feature = "pyo3"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __interop {
    ($ty:ident) => {};
}
