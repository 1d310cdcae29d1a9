//! `live_objects`.

use std::sync::Barrier;
use std::thread;

use ffi_object::{live_objects, FfiObject, Obj, Object};

use crate::support::object;

#[test]
fn counts_objects_of_exactly_a_type() {
    #[repr(C)]
    struct Base(u8);
    object!(Base);
    #[repr(C)]
    struct Derived(Base);
    object!(Derived: Base);
    assert_eq!((live_objects(Base::TYPE), live_objects(Derived::TYPE)), (0, 0));
    let derived = Obj::new(Derived(Base(1)));
    let base = Obj::new(Base(derived.0 .0));
    let same = base.clone();
    assert_eq!((live_objects(Base::TYPE), live_objects(Derived::TYPE)), (1, 1));
    drop(derived.upcast());
    drop(base);
    assert_eq!((live_objects(Base::TYPE), live_objects(Derived::TYPE)), (1, 0));
    drop(same);
    assert_eq!((live_objects(Base::TYPE), live_objects(Object::TYPE)), (0, 0));
}

#[test]
fn weak_references_keep_memory_but_no_object() {
    struct Gone;
    object!(Gone);
    let gone = Obj::new(Gone);
    let weak = gone.downgrade();
    drop(gone);
    assert_eq!(live_objects(Gone::TYPE), 0);
    drop(weak);
    assert_eq!(live_objects(Gone::TYPE), 0);
}

#[test]
fn counts_what_one_thread_made_and_another_dropped() {
    struct Traveller;
    object!(Traveller);
    let made: Vec<_> = thread::spawn(|| (0..1_000).map(|_| Obj::new(Traveller)).collect()).join().unwrap();
    assert_eq!(live_objects(Traveller::TYPE), 1_000);
    let half = thread::spawn(move || made.into_iter().step_by(2).collect::<Vec<_>>()).join().unwrap();
    assert_eq!(live_objects(Traveller::TYPE), 500);
    drop(half);
    assert_eq!(live_objects(Traveller::TYPE), 0);
}

#[test]
fn counts_in_threads_that_run_and_in_those_that_ended() {
    struct Worker;
    object!(Worker);
    let barrier = Barrier::new(5);
    let left: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut all: Vec<_> = (0..100).map(|_| Obj::new(Worker)).collect();
                    barrier.wait();
                    barrier.wait();
                    all.truncate(10);
                    all
                })
            })
            .collect();
        barrier.wait();
        assert_eq!(live_objects(Worker::TYPE), 400);
        barrier.wait();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(live_objects(Worker::TYPE), 40);
    drop(left);
    assert_eq!(live_objects(Worker::TYPE), 0);
}

#[test]
fn a_type_may_be_born_on_many_threads_at_once() {
    struct First;
    object!(First);
    let barrier = Barrier::new(8);
    let threads: Vec<_> = thread::scope(|scope| {
        let spawn = |_| {
            scope.spawn(|| {
                barrier.wait();
                (0..10).map(|_| Obj::new(First)).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..8).map(spawn).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(live_objects(First::TYPE), 80);
    drop(threads);
    assert_eq!(live_objects(First::TYPE), 0);
}

#[test]
fn a_value_that_cannot_be_built_is_no_object() {
    struct Never;
    object!(Never);
    fn value() -> Never {
        panic!("no value")
    }
    let panicked = std::panic::catch_unwind(|| Obj::new(value()));
    assert!(panicked.is_err());
    assert_eq!(live_objects(Never::TYPE), 0);
}

/// The threads' tables have 512 columns; types beyond are counted too.
#[test]
fn counts_more_types_than_tables_have_columns() {
    use ffi_object::__private::{Memory, Source, TypeCell, TypeInfo, TypeOptions};
    use ffi_object::AnyObj;

    static CELLS: [TypeCell; 600] = [const { TypeCell::new() }; 600];
    struct Kind<const N: usize>;
    // SAFETY: a `TYPE` for each `N`, and the root has no fields.
    unsafe impl<const N: usize> FfiObject for Kind<N> {
        type Base = Object;
        const TYPE: &'static TypeInfo = &TypeInfo {
            key: "census::Kind",
            name: "Kind",
            module: None,
            doc: "",
            source: Source { file: file!(), line: line!() },
            parents: Object::LINEAGE,
            fields: &[],
            builder: None,
            trace: None,
            options: TypeOptions::NONE,
            cell: &CELLS[N],
            memory: Memory::of::<Self>(),
        };
        const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, Self::TYPE];
    }
    fn make<const N: usize>() -> AnyObj {
        Obj::new(Kind::<N>).into_any()
    }
    macro_rules! all {
        ($($hundreds:literal)*) => { [$(all!($hundreds: 0 1 2 3 4 5 6 7 8 9)),*].concat().concat() };
        ($hundreds:literal: $($tens:literal)*) => { [$(all!($hundreds $tens: 0 1 2 3 4 5 6 7 8 9)),*] };
        ($hundreds:literal $tens:literal: $($ones:literal)*) => {
            [$(make::<{ $hundreds * 100 + $tens * 10 + $ones }> as fn() -> AnyObj),*]
        };
    }
    let makers = all!(0 1 2 3 4 5);
    assert_eq!(makers.len(), 600);
    let objects: Vec<AnyObj> = makers.iter().map(|make| make()).collect();
    let elsewhere: Vec<AnyObj> = thread::spawn(move || makers.iter().map(|make| make()).collect()).join().unwrap();
    assert!(objects.iter().all(|object| live_objects(object.type_info()) == 2));
    drop(elsewhere);
    let infos: Vec<_> = objects.iter().map(Obj::type_info).collect();
    assert!(infos.iter().all(|info| live_objects(info) == 1));
    drop(objects);
    assert!(infos.iter().all(|info| live_objects(info) == 0));
}
