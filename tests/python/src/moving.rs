//! Objects that are moved, and who can change them then.

use ffi_object::{ffi_function, ffi_methods, AnyObj, Error, FfiObject, Function, Iter, List, Mut, Obj};

/// Its field is plain: only who has the whole object to himself can change it.
#[derive(FfiObject)]
pub(crate) struct Part {
    value: i64,
}

#[ffi_methods]
impl Part {
    /// The value before and after a call, of an object that is borrowed meanwhile.
    fn across(&self, callback: Function) -> Result<(i64, i64), Error> {
        let before = self.value;
        callback.call::<()>(())?;
        Ok((before, self.value))
    }

    /// An iterator that owns the object.
    fn countdown(self: &Obj<Self>) -> Iter<i64> {
        let this = self.clone();
        Iter::new((0..self.value).rev().map(move |i| i + this.value))
    }
}

/// The same, as an argument.
#[ffi_function]
fn part_across(part: &Part, callback: Function) -> Result<(i64, i64), Error> {
    part.across(callback)
}

/// Owns one.
#[derive(FfiObject)]
pub(crate) struct Assembly {
    part: Mut<Option<Obj<Part>>>,
    #[ffi(default)]
    spares: Obj<List<Obj<Part>>>,
}

/// Adds one to the value in place. What it finds: the number of owners, and whether it could.
#[ffi_function]
fn bump_part(mut part: Obj<Part>) -> (usize, bool) {
    let owners = part.owners();
    let own = part.get_mut().map(|part| part.value += 1);
    (owners, own.is_some())
}

/// Adds one to the value, in place if no one else can see it, otherwise of a new object.
#[ffi_function]
fn bumped_part(mut part: Obj<Part>) -> Obj<Part> {
    if let Some(own) = part.get_mut() {
        own.value += 1;
        return part;
    }
    Obj::new(Part { value: part.value + 1 })
}

/// Gives its only owner to a function, and tells what it finds in the result, which it changes.
#[ffi_function]
fn through_callback(function: Function, value: i64) -> Result<(usize, bool, i64), Error> {
    let mut back = function.call::<Obj<Part>>((Obj::new(Part { value }),))?;
    let owners = back.owners();
    let own = back.get_mut().map(|part| part.value += 1);
    Ok((owners, own.is_some(), back.value))
}

/// Gives an object to a function, and gives back what that gives back.
#[ffi_function]
fn pass_on(function: Function, part: Obj<Part>) -> Result<Obj<Part>, Error> {
    function.call((part,))
}

/// Drops it.
#[ffi_function]
fn drop_part(part: Obj<Part>) {
    drop(part);
}

/// Gives a list back.
#[ffi_function]
fn pass_list(list: Obj<List<Obj<Part>>>) -> Obj<List<Obj<Part>>> {
    list
}

/// Where an object is in memory.
#[ffi_function]
fn address(object: AnyObj) -> usize {
    object.as_raw().as_ptr().addr()
}
