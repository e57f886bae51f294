//! Time: Tokio's with the feature `time`, which tests can pause, else the system's and no timers.
//!
//! There is none on `wasm32-unknown-unknown`, where whoever looks at a clock traps: there is no `now`, so that
//! nothing has an age (`tests/wasm` runs there).

#[cfg(not(feature = "time"))]
pub use std::time::Instant;
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};
#[cfg(feature = "time")]
pub use tokio::time::Instant;

#[cfg(feature = "time")]
use crate::panic::panics;

/// This moment, where there is a clock.
#[must_use]
#[inline]
pub fn now() -> Option<Instant> {
    const CLOCK: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));
    CLOCK.then(Instant::now)
}

/// A moment that is set under no lock, and known when it is.
pub(crate) struct Moment(AtomicI64);

impl Moment {
    const UNKNOWN: i64 = i64::MIN;

    pub(crate) fn unknown() -> Self {
        Self(AtomicI64::new(Self::UNKNOWN))
    }

    /// Some moment. Others are so many nanoseconds after it, or, by a clock that a test has paused, before it.
    fn zero() -> Option<Instant> {
        static ZERO: OnceLock<Option<Instant>> = OnceLock::new();
        *ZERO.get_or_init(now)
    }

    pub(crate) fn set(&self, moment: Instant) {
        let Some(zero) = Self::zero() else { return };
        let nanos = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        let after = match moment.checked_duration_since(zero) {
            Some(after) => nanos(after),
            None => -nanos(zero.duration_since(moment)),
        };
        self.0.store(after, Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        let after = self.0.load(Relaxed);
        let nanos = Duration::from_nanos(after.unsigned_abs());
        match after {
            Self::UNKNOWN => None,
            0.. => Self::zero()?.checked_add(nanos),
            _ => Self::zero()?.checked_sub(nanos),
        }
    }
}

#[cfg(feature = "time")]
pub(crate) struct Timer(std::pin::Pin<Box<tokio::time::Sleep>>);

#[cfg(feature = "time")]
impl Timer {
    /// # Panics
    ///
    /// Where there is none to be had: outside a Tokio runtime, or on one without time.
    pub(crate) fn require(function: &'static str) {
        // Of a runtime's time only a panic tells, of which the panic hook tells first.
        let sleep = || drop(tokio::time::sleep(Duration::ZERO));
        assert!(
            tokio::runtime::Handle::try_current().is_ok() && !panics(sleep),
            "`max_wait` of `{function}` needs a Tokio runtime whose time is enabled; call it from one, or \
             leave out `max_wait`"
        );
    }

    pub(crate) fn new(duration: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(duration)))
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        std::future::Future::poll(self.0.as_mut(), cx)
    }
}

/// Without the feature `time` nobody can set `max_wait`, and this is never made.
#[cfg(not(feature = "time"))]
pub(crate) struct Timer;

#[cfg(not(feature = "time"))]
impl Timer {
    pub(crate) fn require(_: &'static str) {}

    pub(crate) fn new(_: Duration) -> Self {
        Self
    }

    pub(crate) fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}
