//! How long a caller waits for one flight (`max_wait`).

use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    task::{Context, Poll},
    time::Duration,
};

use crate::{clock::Timer, key::Key};

pub(crate) struct MaxWait<K> {
    /// The caller's key, for the newer flight.
    pub(crate) key: K,
    pub(crate) same: fn(&K, &K) -> bool,
    timer: Timer,
}

// After a panic nobody sees it: the call is at its end.
impl<K> UnwindSafe for MaxWait<K> {}
impl<K> RefUnwindSafe for MaxWait<K> {}

impl<K> MaxWait<K> {
    pub(crate) fn new<Q: Key<K>>(wait: Duration, key: &Q) -> Self {
        let key = key.to_key();
        Self {
            key,
            same: Q::same,
            timer: Timer::new(wait),
        }
    }

    /// Ready when it is at its end.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.poll(cx)
    }
}
