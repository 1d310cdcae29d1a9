//! What the macros say of mistakes, in folders by kind of mistake. One mistake gives one message.
//!
//! The expected output is never typed: `TRYBUILD=overwrite cargo test --test ui` writes it, then it is read.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/attributes/*.rs");
    cases.compile_fail("ui/shape/*.rs");
    cases.compile_fail("ui/enums/*.rs");
    cases.compile_fail("ui/fields/*.rs");
    cases.compile_fail("ui/generics/*.rs");
    cases.compile_fail("ui/methods/*.rs");
    cases.compile_fail("ui/parameters/*.rs");
    cases.compile_fail("ui/protocols/*.rs");
    cases.compile_fail("ui/rust_functions/*.rs");
    cases.compile_fail("ui/options/*.rs");
    cases.compile_fail("ui/functions/*.rs");
    cases.compile_fail("ui/errors/*.rs");
    cases.compile_fail("ui/soundness/*.rs");
}
