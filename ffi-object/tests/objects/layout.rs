//! Types of all sizes and alignments.

use ffi_object::{Bytes, FfiObject, Obj, Str};

use crate::support::{object, Counted, Drops};

fn check<T: FfiObject>(make: impl Fn() -> T, intact: impl Fn(&T) -> bool) {
    let all: Vec<Obj<T>> = (0..20).map(|_| Obj::new(make())).collect();
    let again: Vec<_> = all.iter().map(|o| o.clone().into_any()).collect();
    let weak: Vec<_> = all.iter().map(Obj::downgrade).collect();
    for object in &all {
        assert_eq!(std::ptr::from_ref(&**object).addr() % align_of::<T>(), 0);
        assert!(intact(object));
    }
    drop(all);
    assert!(weak.iter().all(|w| w.upgrade().is_some_and(|o| intact(&o))));
    // Frees half of the memory at the owners' end, half at the weak references'.
    drop(weak.into_iter().step_by(2).collect::<Vec<_>>());
    drop(again);
}

#[test]
fn aligned_to_a_byte() {
    struct Small(u8);
    object!(Small);
    check(|| Small(7), |v| v.0 == 7);
}

#[test]
fn aligned_to_a_cache_line() {
    #[repr(align(64))]
    struct Line([u8; 100]);
    object!(Line);
    check(|| Line([9; 100]), |v| v.0 == [9; 100]);
}

#[test]
fn aligned_to_a_page() {
    #[repr(align(4096))]
    struct Page(u64, u64);
    object!(Page);
    check(|| Page(1, 2), |v| (v.0, v.1) == (1, 2));
}

#[test]
fn aligned_and_empty() {
    #[repr(align(128))]
    struct Marker;
    object!(Marker);
    check(|| Marker, |_| true);
}

#[test]
fn empty_types_are_counted_and_dropped() {
    thread_local!(static DROPS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    struct Nothing;
    object!(Nothing);
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    check(|| Nothing, |_| true);
    assert_eq!(DROPS.get(), 20);
    assert_eq!(ffi_object::live_objects(Nothing::TYPE), 0);
}

#[test]
fn a_large_object() {
    struct Large([u64; 100_000], #[expect(dead_code, reason = "dropped")] Counted);
    object!(Large);
    let drops = Drops::default();
    check(|| Large([3; 100_000], drops.one()), |v| v.0.iter().all(|n| *n == 3));
    assert_eq!(drops.count(), 20);
}

#[test]
fn owners_are_one_word_with_a_niche() {
    struct Any;
    object!(Any);
    assert_eq!(size_of::<Obj<Any>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Obj<Any>>>(), size_of::<usize>());
    assert_eq!(size_of::<ffi_object::WeakObj<Any>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Str>>(), size_of::<usize>());
    assert!(size_of::<ffi_object::Any>() <= 16);
}

#[test]
fn text_and_bytes_of_all_lengths() {
    for len in [0, 1, 7, 8, 9, 31, 32, 33, 1000, 100_000] {
        let bytes: Vec<u8> = (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let b = Bytes::new(&bytes);
        let c = b.clone();
        drop(b);
        assert_eq!(*c, *bytes);
        let text = "ü".repeat(len);
        let s = Str::from(text.as_str());
        assert_eq!((&*s, s.to_string(), s.clone() == s), (text.as_str(), text.clone(), true));
    }
    assert_ne!(Str::new("a"), Str::new("b"));
    assert_eq!(format!("{:?} {:?}", Str::new("a\n"), Bytes::new(b"x")), r#""a\n" [120]"#);
}
