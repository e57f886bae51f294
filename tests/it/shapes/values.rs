//! What a function and its call are as values.

use super::{macros::by_path, names::underscored, oddities::nothing, run};
use coalesced::{Group, coalesce};
use std::{fmt::Debug, sync::Arc};

#[test]
fn a_function_keeps_its_place_as_a_value() {
    async fn apply<F: Future<Output = u64>>(function: impl Fn(u64) -> F) -> u64 {
        function(7).await
    }

    #[coalesce]
    async fn double(id: u64) -> u64 {
        2 * id
    }

    assert_eq!(run(apply(double)), 14);
    let calls = [1, 2, 3].map(double);
    assert_eq!(run(futures::future::join_all(calls)), [2, 4, 6]);
}

/// What is printed of a call helps whoever debugs a stuck one.
#[test]
fn calls_are_debug() {
    fn is_debug<T: Debug>(_: &T) {}
    is_debug(&Group::<u64, u64>::new());
    is_debug(&coalesced::groups());
}

/// As the plain function's future is.
#[test]
fn calls_may_be_used_after_a_panic() {
    fn is_unwind_safe<T: std::panic::UnwindSafe>(_: &T) {}
    is_unwind_safe(&nothing());
    is_unwind_safe(&underscored(1, 2));
    is_unwind_safe(&by_path(1));
    is_unwind_safe(&Arc::new(Group::<u64, u64>::new()));
}
