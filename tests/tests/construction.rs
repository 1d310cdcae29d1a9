//! Values are put together where they will live: what is not finished is dropped, once, and nothing else is.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ffi_object::{Any, FfiObject, List, Mut, Obj};
use ffi_object_tests::construct;

thread_local! {
    static ALIVE: Cell<i64> = const { Cell::new(0) };
    static PANIC: Cell<bool> = const { Cell::new(false) };
}

/// Counts how many of it there are.
struct Counted(());

impl Counted {
    fn new() -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(())
    }

    fn new_or_panic() -> Self {
        assert!(!PANIC.get(), "no value");
        Self::new()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

#[derive(FfiObject)]
#[repr(C)]
struct Base {
    /// Aligned to less than what follows.
    small: u8,
    #[ffi(skip, default = Counted::new())]
    first: Counted,
    held: Mut<Obj<List<i64>>>,
}

#[derive(FfiObject)]
#[repr(C)]
struct Whole {
    #[ffi(base)]
    base: Base,
    #[ffi(skip, default = Counted::new_or_panic())]
    second: Counted,
    number: i64,
    #[ffi(default = if PANIC.get() { panic!("no name") } else { String::from("unnamed") })]
    name: String,
    #[ffi(skip)]
    third: Vec<u64>,
}

fn arguments(list: &Obj<List<i64>>, number: Any) -> [Option<Any>; 4] {
    [Some(Any::Int(7)), Some(Any::from(list.clone())), Some(number), None]
}

#[test]
fn a_whole_value_has_all_its_parts() {
    let list: Obj<List<i64>> = Obj::new([1, 2].into_iter().collect());
    let look = |whole: &Whole| {
        assert_eq!((whole.base.small, whole.number, &*whole.name), (7, 5, "unnamed"));
        assert!(whole.base.held.get().ptr_eq(&list) && whole.third.is_empty());
        assert_eq!(ALIVE.get(), 2);
    };
    construct(&arguments(&list, Any::Int(5)), look).unwrap();
    assert_eq!((ALIVE.get(), list.owners()), (0, 1));
}

#[test]
fn an_argument_that_does_not_fit_leaves_nothing() {
    let list: Obj<List<i64>> = Obj::new(List::new());
    let error = construct(&arguments(&list, "five".into()), |_: &Whole| ()).unwrap_err();
    assert_eq!(error.to_string(), "Whole() argument 'number': expected int, got str");
    assert_eq!((ALIVE.get(), list.owners()), (0, 1));
}

#[test]
fn a_default_that_panics_leaves_nothing() {
    let list: Obj<List<i64>> = Obj::new(List::new());
    PANIC.set(true);
    for number in [Any::Int(5), "five".into()] {
        let args = arguments(&list, number);
        let made = catch_unwind(AssertUnwindSafe(|| construct(&args, |_: &Whole| ())));
        assert!(!matches!(made, Ok(Ok(()))));
        drop(args);
        assert_eq!((ALIVE.get(), list.owners()), (0, 1));
    }
    PANIC.set(false);
}

/// Extends what fields do not make.
#[derive(FfiObject)]
#[repr(C)]
struct Extended {
    #[ffi(base)]
    list: List<i64>,
    number: i64,
}

#[test]
fn what_extends_a_container_is_made_by_rust_alone() {
    assert!(Extended::TYPE.constructor().is_none());
    assert!(construct(&[Some(Any::Int(1))], |_: &Extended| ()).is_err());
    let made = Obj::new(Extended { list: [1, 2].into_iter().collect(), number: 3 });
    assert_eq!((made.list.len(), made.number), (2, 3));
}
