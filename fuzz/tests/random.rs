//! The properties on random bytes: what the fuzzer starts from, without its memory of what led further.

use arbitrary::Arbitrary;

/// The same bytes every time.
fn random(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

fn on_random_bytes<I: for<'b> Arbitrary<'b>>(property: fn(I)) {
    for seed in 1..1_500 {
        ffi_object_fuzz::run(property, &random(seed, (seed as usize * 7) % 700));
    }
}

#[test]
fn values() {
    on_random_bytes(ffi_object_fuzz::values::check);
}

#[test]
fn containers() {
    on_random_bytes(ffi_object_fuzz::containers::check);
}

#[test]
fn arrays() {
    on_random_bytes(ffi_object_fuzz::arrays::check);
}

#[test]
fn registry() {
    on_random_bytes(ffi_object_fuzz::registry::check);
}
