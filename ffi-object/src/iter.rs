//! Iterators that cross: [`Iter`].

use std::borrow::Cow;
use std::fmt;

use crate::error::Error;
use crate::frontend::{Encoder, Handle, RawHandle};
use crate::value::Return;

/// A Rust iterator as the result of a function or method: a Python iterator, made without collecting its items.
///
/// Items are made when Python asks for them, on whatever thread that is. An item that is an error is raised, and the
/// next one can still be asked for; a panic is raised too, and ends the iteration. What the iterator owns lives until
/// Python drops it; a collector of cycles does not look inside.
///
/// ```
/// use ffi_object::{ffi_methods, FfiObject, Iter, List, Obj};
///
/// #[derive(FfiObject)]
/// struct Log {
///     lines: Obj<List<String>>,
/// }
///
/// #[ffi_methods]
/// impl Log {
///     fn __iter__(&self) -> Iter<String> {
///         let lines = self.lines.clone();
///         Iter::new((0..).map_while(move |i| lines.get(i)))
///     }
/// }
/// ```
pub struct Iter<T>(Box<dyn Iterator<Item = T> + Send>);

impl<T> Iter<T> {
    /// Wraps an iterator. It owns what it goes over, or an [`Obj`](crate::Obj) of it.
    pub fn new(iterator: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> Self {
        Self(Box::new(iterator.into_iter()))
    }
}

impl<T> Iterator for Iter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> fmt::Debug for Iter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("size_hint", &self.size_hint()).finish_non_exhaustive()
    }
}

impl<T: Return + 'static> Return for Iter<T> {
    fn type_name() -> Cow<'static, str> {
        format!("Iterator[{}]", T::type_name()).into()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.iterator(Box::new(self))
    }
}

/// The items of an iterator as values of the frontend's language.
pub trait Items: Send {
    /// The next one, an owned handle. `None`: there is no more.
    ///
    /// # Errors
    ///
    /// What the item or its conversion says.
    fn next_item(&mut self, out: Encoder<'_>) -> Result<Option<RawHandle>, Error>;
}

impl<T: Return> Items for Iter<T> {
    fn next_item(&mut self, out: Encoder<'_>) -> Result<Option<RawHandle>, Error> {
        self.next().map(|item| item.give(out).map(Handle::into_raw)).transpose()
    }
}
