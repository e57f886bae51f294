//! What compiles, and what each refusal says. See CONTRIBUTING.md for how to add a case.

#[test]
#[cfg(all(feature = "spawn", feature = "time"))]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}

#[test]
#[cfg(not(any(feature = "spawn", feature = "time")))]
fn what_needs_a_feature_says_so() {
    trybuild::TestCases::new().compile_fail("ui/off/*.rs");
}
