//! Properties that hold for any input, and the input as the fuzzer makes it: `cargo xtask fuzz`.
//!
//! The properties are ordinary functions. The programs in `fuzz/src/bin` hand them to libFuzzer, or, built without
//! `--cfg fuzzing`, run them on files that libFuzzer left; `fuzz/tests/random.rs` runs them on random bytes with the other
//! tests, so that they neither rot nor need a fuzzer to be useful.

pub mod arrays;
pub mod containers;
pub mod given;
pub mod registry;
pub mod sets;
pub mod values;

use arbitrary::{Arbitrary, Unstructured};

/// Runs a property on the input that some bytes stand for; bytes that stand for none are passed over.
pub fn run<'b, I: Arbitrary<'b>>(property: fn(I), bytes: &'b [u8]) {
    if let Ok(input) = I::arbitrary_take_rest(Unstructured::new(bytes)) {
        property(input);
    }
}

/// The `main` of a target: libFuzzer's, or one that runs the files named as arguments.
#[macro_export]
macro_rules! target {
    ($property:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::run($property, bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for file in std::env::args_os().skip(1).map(std::path::PathBuf::from) {
                println!("{}", file.display());
                $crate::run($property, &std::fs::read(file)?);
            }
            Ok(())
        }
    };
}
