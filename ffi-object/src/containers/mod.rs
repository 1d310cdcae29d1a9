//! Collections that are objects themselves: shared, their elements handed out and never copied. All but arrays are mutable.
//!
//! In Rust a container is typed (`List<f64>`). All containers of one kind are one type of objects, so the frontend has
//! one class for them; a container knows the type of its elements at run time. One that the frontend made is *open*: it
//! holds values of any type until it is first used where Rust wants a type, which then binds it for good.

mod array;
mod array_block;
mod erased;
mod list;
mod map;
mod ordered_map;
mod raw_array;
mod raw_list;
mod raw_map;
mod raw_set;
mod set;

pub use array::Array;
pub use list::List;
pub use map::{Key, Map};
pub use ordered_map::{OrderedMap, Step};
pub use raw_array::RawArray;
pub use raw_list::{RawList, WrongSize};
pub use raw_map::{Cursor, RawMap};
pub use raw_set::{Common, RawSet, SetOperation};
pub use set::Set;

pub(crate) use array::ARRAY;
pub(crate) use list::LIST;
pub(crate) use map::MAP;
pub(crate) use set::SET;
