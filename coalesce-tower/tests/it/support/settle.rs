//! Polls a task for as long as it asks for it.

use std::{future::Future, task::Poll};
use tokio_test::task::Spawn;

/// A caller that takes over may let its task be polled once more before its body starts.
pub(crate) fn settle<F: Future>(task: &mut Spawn<F>) -> Poll<F::Output> {
    loop {
        let polled = task.poll();
        if polled.is_ready() || !task.is_woken() {
            return polled;
        }
    }
}
