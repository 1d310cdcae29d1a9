//! `Array`: immutable, its items behind its header.

use std::alloc::Layout;
use std::borrow::Cow;
use std::collections::HashSet;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::NonNull;
use std::sync::Barrier;

use ffi_object::__private::{Decoder, Encoder, Handle, RawArray, REFLECTION};
use ffi_object::{structural, Any, AnyObj, Array, Error, FfiObject, List, Obj, Slice, Value};

use crate::support::{object, on_a_small_stack, Counted, Drops};

/// Implements `Value` for types that never cross.
macro_rules! never_crosses {
    ($($ty:ty),*) => {
        $(impl Value for $ty {
            fn type_name() -> Cow<'static, str> {
                stringify!($ty).into()
            }
            fn encode<'py>(&self, _: Encoder<'py>) -> Result<Handle<'py>, Error> {
                unreachable!()
            }
            fn decode(_: Decoder<'_>) -> Result<Self, Error> {
                unreachable!()
            }
        })*
    };
}

struct Leaf(#[expect(dead_code, reason = "dropped")] Counted);
object!(Leaf);

/// What a frontend does when Rust wants an open container as one of certain types.
fn bind<T: FfiObject>(object: &AnyObj) -> Result<&T, Error> {
    // SAFETY: the owner keeps the object alive as long as it is borrowed.
    unsafe { object.as_raw().cast_ref::<T>() }
}

/// What a frontend makes of an iterable.
fn open(items: impl IntoIterator<Item = Any>) -> AnyObj {
    let items = Any::from(items.into_iter().collect::<Vec<_>>());
    // SAFETY: handles of this frontend are addresses of `Any`s, and this one lives during the call.
    RawArray::open(unsafe { Decoder::new(REFLECTION, NonNull::from(&items).cast()) }).unwrap()
}

fn raw(object: &AnyObj) -> &RawArray {
    RawArray::of(object).unwrap()
}

fn anys(object: &AnyObj) -> Vec<Any> {
    // SAFETY: this frontend has no interpreter to be attached to.
    let out = unsafe { Encoder::new(REFLECTION, ffi_object::frontend::Policy::Cached) };
    let item = |index| raw(object).get(index, out).unwrap().map(|item| Any::decode(item.decoder()).unwrap());
    (0..).map_while(item).collect()
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn arrays_are_slices() {
    let array: Obj<Array<i64>> = (1..=4).collect();
    assert_eq!((array.len(), array[2], array.first(), array.get(4)), (4, 3, Some(&1), None));
    assert_eq!(array.iter().rev().copied().collect::<Vec<_>>(), [4, 3, 2, 1]);
    let mut sum = 0;
    for n in &*array {
        sum += n;
    }
    assert_eq!(
        (sum, format!("{array:?}").starts_with("Array at"), format!("{:?}", *array)),
        (10, true, "[1, 2, 3, 4]".into())
    );
    let empty: Obj<Array<String>> = Obj::default();
    assert!(empty.is_empty() && **empty == [] as [String; 0]);
    assert_eq!(**Array::new(["a", "b"].map(String::from)), ["a", "b"]);
    assert_eq!(*Array::new(vec![1, 2, 3, 4]), *array);
    assert_eq!(*Array::new(array.iter().copied()), *array);
}

#[test]
fn arrays_are_compared_by_their_items_and_their_owners_by_identity() {
    let (a, b, c) = (Array::new([1, 2]), Array::new([1, 2]), Array::new([1, 3]));
    assert!(*a == *b && *a < *c && b != c);
    let (a, b): (Obj<Array<i64>>, _) = (b.clone(), Array::new([1, 2]));
    assert!(a != b && a == a.clone());
    assert_eq!(HashSet::from([&*a, &*b, &*c]).len(), 2);
    let point = |x| Obj::new(List::from(vec![x]));
    let rows = |x| Array::new([point(x), point(2.0)]);
    assert!(structural::equal(&rows(1.0), &rows(1.0)).unwrap());
    assert!(!structural::equal(&rows(1.0), &rows(1.5)).unwrap());
    assert_eq!(structural::hash(&rows(1.0)).unwrap(), structural::hash(&rows(1.0)).unwrap());
}

#[test]
fn items_may_have_any_alignment_and_no_size() {
    #[derive(Debug, Clone, Copy, PartialEq)]
    #[repr(align(64))]
    struct Wide(u8);
    #[derive(Debug, Clone, Copy, PartialEq)]
    #[repr(align(4096))]
    struct Page(u8);
    #[derive(Debug, Clone, Copy, PartialEq)]
    #[repr(align(128))]
    struct Nothing;
    never_crosses!(Wide, Page, Nothing);

    fn check<T: Value + Clone + PartialEq + std::fmt::Debug>(item: T) {
        for len in [0, 1, 2, 7, 100] {
            let array = Array::new(std::iter::repeat_n(item.clone(), len));
            assert_eq!(array.as_ptr().addr() % Layout::new::<T>().align(), 0);
            assert_eq!(array.to_vec(), vec![item.clone(); len]);
            let weak = array.downgrade();
            drop(array);
            assert!(weak.upgrade().is_none());
        }
    }
    check(true);
    check(1_u16);
    check(1.5);
    check(i128::MIN);
    check(());
    check(Wide(3));
    check(Page(4));
    check(Nothing);
    assert_eq!(Array::new(std::iter::repeat_n(Nothing, 1_000_000)).len(), 1_000_000);
}

#[test]
fn items_that_need_it_are_dropped_once_and_at_once() {
    let drops = Drops::default();
    let array = Array::new((0..10).map(|_| Obj::new(Leaf(drops.one()))));
    let (kept, weak) = (array[3].clone(), array.downgrade());
    assert_eq!((array.len(), kept.owners(), drops.count()), (10, 2, 0));
    drop(array);
    assert_eq!((kept.owners(), drops.count()), (1, 9));
    assert!(weak.upgrade().is_none());
    drop((weak, kept));
    assert_eq!(drops.count(), 10);
}

#[test]
fn the_only_owner_may_change_the_items() {
    let mut array = Array::new([1, 2, 3]);
    Array::get_mut(&mut array).unwrap().swap(0, 2);
    assert_eq!(**array, [3, 2, 1]);
    // Who could swap two of them would swap their lengths.
    assert!(array.get_mut().is_none());
    let other = array.clone();
    assert!(Array::get_mut(&mut array).is_none());
    drop(other);
    let weak = array.downgrade();
    assert!(Array::get_mut(&mut array).is_none());
    drop(weak);
    assert!(Array::get_mut(&mut array).is_some());
}

#[test]
fn a_panic_of_the_iterator_leaves_nothing() {
    let drops = Drops::default();
    let made = catch_unwind(AssertUnwindSafe(|| {
        Array::new((0..5).map(|n| if n < 3 { Obj::new(Leaf(drops.one())) } else { panic!("no more") }))
    }));
    assert!(made.is_err());
    assert_eq!(drops.count(), 3);
}

#[derive(Clone)]
struct Fragile(#[expect(dead_code, reason = "dropped")] Obj<Leaf>, bool);
never_crosses!(Fragile);

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(!self.1, "fragile");
    }
}

#[test]
fn a_panic_of_an_items_destructor_leaves_nothing() {
    let drops = Drops::default();
    let array = Array::new((0..5).map(|n| Fragile(Obj::new(Leaf(drops.one())), n == 2)));
    let weak = array.downgrade();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(array))).is_err());
    assert_eq!(drops.count(), 5);
    assert!(weak.upgrade().is_none());
}

#[derive(Debug)]
struct Unclonable(#[expect(dead_code, reason = "dropped")] Counted, usize);
never_crosses!(Unclonable);

impl Clone for Unclonable {
    fn clone(&self) -> Self {
        assert!(self.1 != 2, "not this one");
        Self(Drops::default().one(), self.1)
    }
}

#[test]
fn a_panic_of_a_clone_leaves_the_array_as_it_was() {
    let drops = Drops::default();
    let array = Array::new((0..4).map(|n| Unclonable(drops.one(), n))).into_any();
    assert!(catch_unwind(AssertUnwindSafe(|| raw(&array).slice_of(Slice::ALL))).is_err());
    assert_eq!(drops.count(), 0);
    drop(array);
    assert_eq!(drops.count(), 4);
}

#[test]
fn no_array_is_larger_than_an_allocation() {
    let everything = Array::new(std::iter::repeat_n((), usize::MAX));
    assert_eq!(everything.len(), usize::MAX);
    let bytes = Array::new([0_u8; 2]).into_any();
    for times in [usize::MAX, usize::MAX / 2, isize::MAX as usize / 2] {
        assert!(raw(&bytes).repeat(times).unwrap().is_none());
    }
    assert_eq!(raw(&raw(&bytes).repeat(3).unwrap().unwrap()).len(), 6);
    let huge = catch_unwind(|| Array::new(std::iter::repeat_n(0.0, usize::MAX / 4)));
    assert!(huge.unwrap_err().downcast_ref::<&str>().is_some_and(|text| text.contains("capacity overflow")));
}

#[test]
fn an_array_of_arrays_a_million_deep_drops_on_a_small_stack() {
    on_a_small_stack(|| {
        let drops = Drops::default();
        let leaf = Obj::new(Leaf(drops.one())).into_any();
        let deep = (0..1_000_000).fold(leaf, |inner, _| Array::new([inner]).into_any());
        assert_eq!(drops.count(), 0);
        drop(deep);
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn an_open_array_is_bound_by_the_first_who_wants_a_type() {
    let array = open([1.into(), 2.5.into(), true.into()]);
    assert_eq!((raw(&array).item_name(), raw(&array).len()), ("object".into(), 3));
    assert_eq!(message(bind::<Array<String>>(&array)), "Array[str] item 0: expected str, got int");
    assert_eq!(message(bind::<Array<i64>>(&array)), "Array[int] item 1: expected int, got float");
    let numbers = array.clone().downcast::<Array<f64>>().unwrap();
    assert_eq!(**numbers, [1.0, 2.5, 1.0]);
    assert_eq!(raw(&array).item_name(), "float");
    assert!(array.downcast_ref::<Array<f64>>().is_some() && array.downcast_ref::<Array<Any>>().is_none());
    assert_eq!(message(bind::<Array<i64>>(&array)), "expected Array[int], got Array[float]");
    assert_eq!(message(bind::<List<f64>>(&array)), "expected List, got Array");
    let weak = array.downgrade();
    drop((array, numbers));
    assert!(weak.upgrade().is_none());
}

/// Items of every size, whichever was there before.
#[test]
fn an_open_array_may_become_one_of_larger_or_smaller_items() {
    fn check<T: Value + Clone + PartialEq + std::fmt::Debug>(from: impl IntoIterator<Item = Any> + Clone, to: &[T]) {
        for len in 0..=to.len() {
            let array = open(from.clone().into_iter().take(len));
            let before = anys(&array);
            assert_eq!(before, from.clone().into_iter().take(len).collect::<Vec<_>>());
            let bound = bind::<Array<T>>(&array).unwrap();
            assert_eq!(**bound, to[..len]);
            assert_eq!(bound.as_ptr().addr() % align_of::<T>(), 0);
            let (weak, copy) = (array.downgrade(), raw(&array).slice_of(Slice::ALL).unwrap());
            drop(array);
            assert!(weak.upgrade().is_none());
            assert_eq!(**bind::<Array<T>>(&copy).unwrap(), to[..len]);
        }
    }
    let truths = [true, false, true].map(Any::from);
    check(truths.clone(), &[true, false, true]);
    check(truths.clone(), &[1.0, 0.0, 1.0]);
    check(truths.clone(), &[true, false, true].map(Any::from));
    check([1, 2, 3].map(Any::from), &[1_u8, 2, 3]);
    check([1, 2, 3].map(Any::from), &[1_i128, 2, 3]);
    check([1, 2, 3].map(Any::from), &[Some(1_i64), Some(2), Some(3)]);
    check([1.5, 2.5].map(Any::from), &[1.5_f32, 2.5]);
    check(["a", "b"].map(Any::from), &["a", "b"].map(String::from));
    check([Any::None, Any::from(1)], &[None, Some(1_i8)]);
    check([Any::from(vec![1.into(), "x".into()])], &[(1_i64, String::from("x"))]);
    check([Any::None; 1], &[()]);
}

#[test]
fn what_leaves_an_open_array_is_dropped() {
    let drops = Drops::default();
    let leaf = Obj::new(Leaf(drops.one()));
    let array = open([leaf.clone().into(), leaf.clone().into()]);
    assert_eq!(leaf.owners(), 3);
    let bound = bind::<Array<Obj<Leaf>>>(&array).unwrap();
    assert!(bound[1] == leaf && leaf.owners() == 3);
    drop(array);
    assert_eq!(leaf.owners(), 1);
}

#[test]
fn an_open_array_keeps_numbers_as_numbers() {
    for (items, size) in [
        (vec![1.5.into(), 2.5.into()], Some(16)),
        (vec![1.into(), Any::from(2)], Some(16)),
        (vec![true.into(), Any::from(false)], Some(2)),
        (vec![1.into(), Any::from(2.5)], None),
        (vec![], None),
    ] {
        let array = open(items.clone());
        assert_eq!(raw(&array).numbers().map(|(_, bytes)| bytes.len()), size);
        assert_eq!((anys(&array), raw(&array).item_name()), (items, "object".into()));
    }
    let array = open([1.5.into(), 2.5.into()]);
    let before = raw(&array).numbers().unwrap().1;
    assert_eq!(bind::<Array<f64>>(&array).unwrap().as_ptr().addr(), before.as_ptr().addr());
    // Who looks at the bytes is not disturbed.
    let array = open([1.5.into(), 2.5.into()]);
    let before = raw(&array).numbers().unwrap().1;
    let copy = before.to_vec();
    bind::<Array<f32>>(&array).unwrap();
    assert_eq!((before, raw(&array).numbers().unwrap().1.len()), (&*copy, 8));
}

#[test]
fn parts_have_the_type_of_what_they_come_from() {
    let array = Array::new([1.0, 2.0, 3.0]).into_any();
    let slice = raw(&array).slice_of(Slice::new(None, None, -2).unwrap()).unwrap();
    assert_eq!(**bind::<Array<f64>>(&slice).unwrap(), [3.0, 1.0]);
    assert_eq!(message(bind::<Array<i64>>(&slice)), "expected Array[int], got Array[float]");
    let more = Any::from(vec![4.into(), 5.5.into()]);
    // SAFETY: as in `open`.
    let more = unsafe { Decoder::new(REFLECTION, NonNull::from(&more).cast()) };
    assert_eq!(**bind::<Array<f64>>(&raw(&slice).join(more, false).unwrap()).unwrap(), [3.0, 1.0, 4.0, 5.5]);
    assert_eq!(**bind::<Array<f64>>(&raw(&slice).join(more, true).unwrap()).unwrap(), [4.0, 5.5, 3.0, 1.0]);
    let texts = Array::new([String::from("a")]).into_any();
    assert_eq!(message(raw(&texts).join(more, false)), "Array[str] item 0: expected str, got int");
    let mixed = raw(&open([1.into()])).join(more, false).unwrap();
    assert_eq!(anys(&mixed), [1.into(), 4.into(), Any::from(5.5)]);
}

#[test]
fn elements_that_are_open_are_bound_too() {
    let inner = open([1.into(), 2.into()]);
    let outer = open([inner.clone().into()]);
    let rows = bind::<Array<Obj<Array<f64>>>>(&outer).unwrap();
    assert!(**rows[0] == [1.0, 2.0] && rows[0].ptr_eq(&inner));
}

#[test]
fn many_threads_may_bind_and_read_at_once() {
    for round in 0..200 {
        let items = (0..50).map(|n| if round % 2 == 0 { Any::from(n) } else { Any::from(format!("{n}")) });
        let (array, expected) = (open(items.clone()), items.collect::<Vec<_>>());
        let barrier = Barrier::new(4);
        let bound = std::thread::scope(|scope| {
            let floats = scope.spawn(|| {
                barrier.wait();
                bind::<Array<f64>>(&array).is_ok_and(|a| a.iter().sum::<f64>() == 1225.0)
            });
            let wide = scope.spawn(|| {
                barrier.wait();
                bind::<Array<i128>>(&array).is_ok_and(|a| a.iter().sum::<i128>() == 1225)
            });
            let texts = scope.spawn(|| {
                barrier.wait();
                bind::<Array<String>>(&array).is_ok_and(|a| a[49] == "49")
            });
            barrier.wait();
            assert_eq!(anys(&array), expected);
            [floats, wide, texts].map(|thread| thread.join().unwrap())
        });
        assert_eq!(bound.into_iter().filter(|bound| *bound).count(), 1);
        assert_eq!(anys(&array), expected);
    }
}
