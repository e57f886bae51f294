//! A body that fails while others wait for it.

use super::{Gate, begin};
use std::{future::Future, task::Poll};

/// The errors of three callers of one body: the leader's, a follower's, and the last one's.
#[track_caller]
pub(crate) fn failures<T, E, F>(gate: &Gate, call: impl Fn() -> F) -> [E; 3]
where
    F: Future<Output = Result<T, E>>,
{
    let calls = begin::<3, F>(call);
    gate.open();
    let errors = calls.map(|mut call| match call.poll() {
        Poll::Ready(result) => result.err(),
        Poll::Pending => None,
    });
    assert_eq!(gate.bodies_started(), 1);
    errors.map(|error| error.expect("it failed"))
}
