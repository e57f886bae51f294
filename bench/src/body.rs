//! What callers want done: the body of a call, the same one for every contender.
//!
//! It counts itself when it starts, and returns its own caller's number. So the value that a caller
//! gets says whose body ran, and the count says how many did.

use std::{
    fmt,
    future::Future,
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::task::yield_now;

use crate::alarm::wake_at;

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

/// What bodies that race have in common: their clock and, of those that share a key, how many ran beside
/// another one, where there should be one at most.
#[derive(Debug)]
pub(crate) struct Race {
    began: Instant,
    is_watched: bool,
    running: AtomicU64,
    overlapping: AtomicU64,
}

impl Race {
    /// Unwatched, bodies touch nothing that they have in common.
    pub(crate) fn new(is_watched: bool) -> &'static Self {
        Box::leak(Box::new(Self {
            began: Instant::now(),
            is_watched,
            running: AtomicU64::new(0),
            overlapping: AtomicU64::new(0),
        }))
    }

    pub(crate) fn overlapping(&self) -> u64 {
        self.overlapping.load(Relaxed)
    }

    fn enter(&self) {
        if self.is_watched && self.running.fetch_add(1, Relaxed) > 0 {
            self.overlapping.fetch_add(1, Relaxed);
        }
    }

    fn leave(&self) {
        if self.is_watched {
            self.running.fetch_sub(1, Relaxed);
        }
    }

    fn micros(&self) -> u32 {
        u32::try_from(self.began.elapsed().as_micros()).expect("a round is no hour")
    }
}

/// How a body lets others run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It wakes itself, and is done when it is polled again: at the end of the executor's queue.
    Woken,
    /// `tokio::task::yield_now`, once: behind all that can run.
    Yielded,
    /// It waits for so many microseconds, and keeps nobody busy.
    Lasts(u32),
    /// The same, when it has started: until then, by the race's clock.
    Till(u32),
}

impl Turn {
    fn is_over(&mut self, is_starting: bool, race: &Race, cx: &mut Context<'_>) -> bool {
        if let Self::Lasts(micros) = *self {
            *self = Self::Till(race.micros() + micros);
        }
        match *self {
            Self::Till(end) => {
                let is_over = race.micros() >= end;
                if !is_over {
                    let end = race.began + Duration::from_micros(end.into());
                    wake_at(end, cx.waker().clone());
                }
                return is_over;
            }
            _ if !is_starting => return true,
            Self::Yielded => {
                // It is polled once, and leaves nothing behind.
                let _ = pin!(yield_now()).poll(cx);
            }
            Self::Woken | Self::Lasts(_) => cx.waker().wake_by_ref(),
        }
        false
    }
}

/// When a body is done.
pub(crate) enum Until {
    Now,
    Opened(&'static Gate),
    /// When others had their turn.
    Turned(Turn, &'static Race),
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
            Until::Turned(turn, race) => {
                if starting.is_some() {
                    race.enter();
                }
                let is_done = turn.is_over(starting.is_some(), race, cx);
                if is_done {
                    race.leave();
                }
                is_done
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
