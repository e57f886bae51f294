//! Time: Tokio's with the feature `time`, which tests can pause, else the system's and no timers.
//!
//! There is none on `wasm32-unknown-unknown`, where whoever looks at a clock traps: there is no `now`, so that
//! nothing has an age (`tests/wasm` runs there).

#[cfg(not(feature = "time"))]
pub use std::time::Instant;
use std::{
    task::{Context, Poll},
    time::Duration,
};
#[cfg(feature = "time")]
pub use tokio::time::Instant;

/// This moment, where there is a clock.
#[must_use]
#[inline]
pub fn now() -> Option<Instant> {
    const CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));
    CLOCK.then(Instant::now)
}

#[cfg(feature = "time")]
pub(crate) struct Timer(std::pin::Pin<Box<tokio::time::Sleep>>);

#[cfg(feature = "time")]
impl Timer {
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub(crate) fn new(duration: Duration) -> Self {
        assert!(
            tokio::runtime::Handle::try_current().is_ok(),
            "`max_wait` needs a Tokio runtime to wait in, and there is none; leave the limit out, or \
             call from a runtime"
        );
        Self(Box::pin(tokio::time::sleep(duration)))
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        std::future::Future::poll(self.0.as_mut(), cx)
    }
}

#[cfg(not(feature = "time"))]
pub(crate) enum Timer {}

#[cfg(not(feature = "time"))]
impl Timer {
    pub(crate) fn new(_: Duration) -> Self {
        unreachable!("without the feature `time` nobody can set `max_wait`")
    }

    pub(crate) fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        match *self {}
    }
}
