//! What is run by the calls that are counted.

use std::{cell::Cell, future::poll_fn, task::Poll};

thread_local! {
    /// Whether those that wait may go on.
    pub(crate) static OPEN: Cell<bool> = const { Cell::new(false) };
}

/// A body that is over at once.
pub(crate) async fn body(id: u64) -> u64 {
    id
}

/// A body that waits until it may go on.
pub(crate) async fn gate(id: u64) -> u64 {
    poll_fn(|_| {
        if OPEN.get() {
            Poll::Ready(id)
        } else {
            Poll::Pending
        }
    })
    .await
}
