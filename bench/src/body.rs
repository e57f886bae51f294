//! What callers want done: the body of a call, the same one for every contender.
//!
//! It counts itself when it starts, and returns its own caller's number. So the value that a caller
//! gets says whose body ran, and the count says how many did.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    task::{Context, Poll},
};

/// Bodies that ran, counted by one task (or one thread), so that counting takes no locked instruction.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Tally(AtomicU64);

impl Tally {
    /// It lives as long as the process, since some peers ask that of bodies.
    pub(crate) fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    /// How many ran since this was last asked.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Relaxed)
    }

    fn count(&self) {
        self.0.store(self.0.load(Relaxed) + 1, Relaxed);
    }
}

/// What bodies wait for. It wakes nobody: whoever opens it polls the leader by hand.
#[derive(Debug, Default)]
pub(crate) struct Gate(AtomicBool);

impl Gate {
    pub(crate) fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    pub(crate) fn open(&self) {
        self.0.store(true, Relaxed);
    }

    pub(crate) fn close(&self) {
        self.0.store(false, Relaxed);
    }
}

/// Bodies of one key that run at once: there should be one at most.
#[derive(Debug, Default)]
pub(crate) struct Overlap {
    running: AtomicU64,
    seen: AtomicU64,
}

impl Overlap {
    pub(crate) fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    pub(crate) fn take(&self) -> u64 {
        self.seen.swap(0, Relaxed)
    }
}

/// When a body is done.
pub(crate) enum Until {
    Now,
    Opened(&'static Gate),
    /// When it is polled a second time, at the end of the executor's queue.
    NextTurn(Option<&'static Overlap>),
    /// Boxed twice, since a body should be small: what is around it is to be measured.
    Answered(Box<BoxFuture<()>>),
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;

/// The body of one caller.
#[must_use]
pub(crate) struct Body {
    value: u64,
    /// Until it has started.
    tally: Option<&'static Tally>,
    until: Until,
}

impl Body {
    pub(crate) fn new(value: u64, tally: &'static Tally, until: Until) -> Self {
        Self {
            value,
            tally: Some(tally),
            until,
        }
    }
}

impl Future for Body {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        let starting = self.tally.take();
        if let Some(tally) = starting {
            tally.count();
        }
        let is_done = match &mut self.until {
            Until::Now => true,
            Until::Opened(gate) => gate.0.load(Relaxed),
            Until::NextTurn(overlap) if starting.is_some() => {
                if let Some(overlap) = overlap
                    && overlap.running.fetch_add(1, Relaxed) > 0
                {
                    overlap.seen.fetch_add(1, Relaxed);
                }
                cx.waker().wake_by_ref();
                false
            }
            Until::NextTurn(overlap) => {
                if let Some(overlap) = overlap {
                    overlap.running.fetch_sub(1, Relaxed);
                }
                true
            }
            Until::Answered(answer) => Pin::new(answer).poll(cx).is_ready(),
        };
        if is_done {
            Poll::Ready(self.value)
        } else {
            Poll::Pending
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
