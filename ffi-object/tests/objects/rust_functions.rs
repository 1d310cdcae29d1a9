//! Closures as objects, without a frontend.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

use ffi_object::{function, Any, Error, ErrorKind, Obj, RustFunction};

#[test]
fn a_closure_is_called_with_converted_values() {
    let n = 3;
    let add = function!("add", move |x: i64, y: Option<i64>| x + y.unwrap_or(n));
    assert_eq!(add.call::<i64>((1, 2)).unwrap(), 3);
    assert_eq!(add.call::<u8>((1_u8, None::<i64>)).unwrap(), 4);
    assert_eq!(add.call::<Any>((1, Any::None)).unwrap(), Any::Int(4));
    assert_eq!((add.name(), add.doc().as_str(), add.result_type().as_str()), ("add", "", "int"));
}

#[test]
fn what_does_not_fit_is_an_error_that_says_where() {
    let half = function!("half", |x: f64| -> Result<f64, Error> {
        if x < 0.0 {
            Err(Error::value("negative"))
        } else {
            Ok(x / 2.0)
        }
    });
    let message = |result: Result<f64, Error>| result.unwrap_err().to_string();
    assert_eq!(message(half.call(())), "half() missing required argument: 'x'");
    assert_eq!(message(half.call((1.0, 2))), "half() takes 1 positional argument, got 2");
    assert_eq!(message(half.call(("a",))), "half() argument 'x': expected float, got str");
    assert_eq!(message(half.call((-1.0,))), "negative");
    let result = half.call::<i64>((1.0,)).unwrap_err();
    assert_eq!(result.kind(), ErrorKind::Type);
    assert_eq!(result.to_string(), "the result of half(): expected int, got float");
}

#[test]
fn documentation_is_what_was_written() {
    let f = function!(
        /// One.
        ///
        ///   Two.
        "f",
        || {}
    );
    assert_eq!(f.doc(), "One.\n\n  Two.");
    f.call::<()>(()).unwrap();
}

#[test]
fn it_is_dropped_with_what_it_captured_wherever_its_last_owner_goes() {
    let captured = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&captured);
    let next = function!("next", move || count.fetch_add(1, Ordering::Relaxed));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let next: Obj<RustFunction> = next.clone();
            thread::spawn(move || (0..100).for_each(|_| assert!(next.call::<usize>(()).unwrap() < 400)))
        })
        .collect();
    drop(next);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((captured.load(Ordering::Relaxed), Arc::strong_count(&captured)), (400, 1));
}
