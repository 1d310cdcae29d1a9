//! Long work that lets others go on, can be interrupted, and tells how far it is.

use ffi_object::{ffi_function, Error, Function};

/// How many steps are done between two looks at Python.
const CHUNK: u64 = 20_000;

/// Counts the primes below a number.
///
/// The work runs detached, so that other Python threads go on. Between chunks, `check_signals` lets Ctrl-C end it, and a
/// callback hears how far it is; what that raises ends it too.
#[ffi_function]
fn count_primes(below: u64, #[ffi(default)] progress: Option<Function>) -> Result<u64, Error> {
    ffi_python::detach(|| {
        let mut count = 0;
        let mut start = 2;
        while start < below {
            let end = below.min(start + CHUNK);
            count += (start..end).filter(|n| is_prime(*n)).count() as u64;
            start = end;
            ffi_python::check_signals()?;
            if let Some(progress) = &progress {
                // Attaches the thread for the call alone.
                progress.call::<()>((end, below))?;
            }
        }
        Ok(count)
    })
}

fn is_prime(n: u64) -> bool {
    (2..).take_while(|d| d * d <= n).all(|d| n % d != 0)
}
