//! What compiles, and what each refusal says. See CONTRIBUTING.md for how to add a case.

use std::io::{Write, stderr};

/// Not by `eprintln`, which is kept until the test ends.
fn says(what: &str) {
    stderr().write_all(format!("{what}\n").as_bytes()).unwrap();
}

fn refuses(cases: &str) {
    says(&format!(
        "compiles the refused `{cases}`, all at once and without a word: a minute or so"
    ));
    trybuild::TestCases::new().compile_fail(cases);
}

#[test]
#[cfg(all(feature = "spawn", feature = "time"))]
fn what_is_refused_says_why() {
    refuses("fail/*.rs");
}

#[test]
#[cfg(all(feature = "spawn", feature = "time"))]
fn what_is_promised_compiles() {
    says("compiles `pass/*.rs`, after the crates that they use");
    trybuild::TestCases::new().pass("pass/*.rs");
}

#[test]
#[cfg(not(any(feature = "spawn", feature = "time")))]
fn what_needs_a_feature_says_so() {
    refuses("off/*.rs");
}
