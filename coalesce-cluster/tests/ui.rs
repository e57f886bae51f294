//! What `#[coalesce(cluster = ..)]` refuses, and in which words; and that what these offer compiles.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
