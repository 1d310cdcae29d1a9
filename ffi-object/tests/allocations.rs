//! What allocates nothing: copies of small values, and an object of the size of one that the thread has dropped.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::process::Command;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::thread;

use ffi_object::{Any, Bytes, FfiObject, List, Obj, Str};

/// Counts what its own thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// As large as nothing else here.
#[derive(FfiObject)]
struct Odd {
    #[ffi(skip)]
    words: [u64; 9],
}

const ODD_BLOCK: (usize, usize) = (size_of::<Odd>() + 32, 8);

/// How many blocks there are for one.
static ODD_BLOCKS: AtomicIsize = AtomicIsize::new(0);

fn count(layout: Layout, by: isize) {
    if (layout.size(), layout.align()) == ODD_BLOCK {
        ODD_BLOCKS.fetch_add(by, Ordering::Relaxed);
    }
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        count(layout, 1);
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(layout, -1);
        // SAFETY: by the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = ALLOCATIONS.get();
    let result = run();
    (result, ALLOCATIONS.get() - before)
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(1_u64)).1, 1);
}

#[test]
fn an_any_is_copied_without_an_allocation_whatever_is_in_it() {
    let values = [
        Any::None,
        Any::from(true),
        Any::from(7),
        Any::from(i128::MAX),
        Any::from(2.5),
        Any::from("a text that is longer than any word of the machine"),
        Any::Bytes(Bytes::new(&[1, 2, 3])),
        Any::from(vec![Any::from(1), Any::from("two")]),
        Any::from(Obj::new(List::<i64>::default())),
    ];
    for value in &values {
        let (copies, count) = allocations(|| [value.clone(), value.clone(), value.clone()]);
        assert_eq!(count, 0, "{value:?}");
        assert_eq!(&copies[2], value);
    }
}

#[test]
fn numbers_are_made_without_an_allocation() {
    let made = allocations(|| [Any::from(()), Any::from(false), Any::from(i64::MIN), Any::from(0.1), Any::default()]);
    assert_eq!(made.1, 0);
}

#[test]
fn text_bytes_and_owners_are_copied_without_an_allocation() {
    let (text, bytes, list) = (Str::new("text"), Bytes::new(&[0; 1000]), Obj::new(List::<i64>::default()));
    let (copies, count) = allocations(|| (text.clone(), bytes.clone(), list.clone(), list.downgrade()));
    assert_eq!(count, 0);
    assert_eq!((copies.0, copies.1, copies.2), (text, bytes, list));
}

#[test]
fn a_list_gives_its_elements_without_an_allocation() {
    let list: List<Any> = [Any::from(1), Any::from("two")].into_iter().collect();
    let (sum, count) = allocations(|| (list.get(0), list.get(1)));
    assert_eq!(count, 0);
    assert_eq!(sum, (Some(Any::from(1)), Some(Any::from("two"))));
}

#[test]
#[cfg_attr(any(asan, tsan), ignore = "every allocation is the allocator's, so that it is watched")]
fn a_thread_makes_objects_of_blocks_that_it_has_freed_and_gives_them_back_at_its_end() {
    let work = || {
        let odd = || Obj::new(Odd { words: [7; 9] });
        let objects: Vec<_> = (0..10).map(|_| odd()).collect();
        drop(objects);
        let (again, count) = allocations(|| [odd(), odd(), odd()]);
        assert_eq!(count, 0);
        assert!(again.iter().all(|object| object.words == [7; 9]));
        assert_eq!(ODD_BLOCKS.load(Ordering::Relaxed), 10);
        // Blocks are the same wherever they are freed.
        again
    };
    let objects = thread::spawn(work).join().unwrap();
    assert_eq!(ODD_BLOCKS.load(Ordering::Relaxed), 3);
    thread::spawn(move || drop(objects)).join().unwrap();
    assert_eq!(ODD_BLOCKS.load(Ordering::Relaxed), 0);
}

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn allocates_each() {
    let odd = || Obj::new(Odd { words: [7; 9] });
    drop(odd());
    assert_eq!(allocations(odd).1, 1);
}

#[test]
fn the_environment_can_say_that_a_thread_keeps_no_blocks() {
    let run = |lists: &str| {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "allocates_each", "--ignored"]).env("FFI_OBJECT_FREE_LISTS", lists);
        program.output().unwrap().status.success()
    };
    assert!(run("0"));
    assert_eq!(run("1"), cfg!(any(asan, tsan)));
}
