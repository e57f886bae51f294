//! A call, and whether it is answered as it should be.

use super::{
    calls::{self, BoxedCall},
    mischief::Mischief,
    value::*,
    world::World,
};
use coalesced::{Report, Role};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, ready},
    thread,
};

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Wish {
    None,
    Fresh,
    Alone,
}

pub(super) struct Asked {
    world: Arc<World>,
    function: usize,
    key: usize,
    caller: u64,
    wish: Wish,
    call: BoxedCall,
    /// When it was first polled, and when its key had last been forgotten then.
    since: Option<(u64, u64)>,
    /// Whether its body was ever polled.
    started: Arc<AtomicBool>,
    answered: bool,
}

impl Asked {
    pub(super) fn new(
        world: &Arc<World>,
        (function, key, caller): (usize, usize, u64),
        wish: Wish,
        started: Arc<AtomicBool>,
        call: BoxedCall,
    ) -> Self {
        Self {
            world: Arc::clone(world),
            function,
            key,
            caller,
            wish,
            call,
            since: None,
            started,
            answered: false,
        }
    }

    /// Has the call made, or polled.
    pub(super) fn ask<T>(&mut self, ask: impl FnOnce(&mut BoxedCall) -> T) -> T {
        /// The first poll, in which the call may unwind before it is counted.
        struct First<'w>(&'w World);

        impl Drop for First<'_> {
            fn drop(&mut self) {
                if thread::panicking() && self.0.plan.mischief > Mischief::None {
                    self.0.ledger.unwound.fetch_add(1, SeqCst);
                }
            }
        }

        let world = &self.world;
        let first = self.since.is_none().then(|| First(world));
        if first.is_some() {
            world.ledger.calls.fetch_add(1, SeqCst);
            let forgotten = &world.forgotten[calls::group(self.function)][self.key];
            self.since = Some((world.now(), forgotten.load(SeqCst)));
        }
        ask(&mut self.call)
    }

    /// Whether it is this call's to have this outcome.
    pub(super) fn check(&mut self, outcome: &Outcome, report: Option<Report>) {
        self.answered = true;
        let (Ok(value) | Err(value)) = outcome;
        let origin = &*value.origin;
        let blame = |what: &str| {
            self.world.blame(format!(
                "caller {} of function {}, key {}, {:?}: {what}; the value is of {origin:?}",
                self.caller, self.function, self.key, self.wish
            ));
        };
        let is_own = origin.caller == self.caller && self.started.load(SeqCst);
        if (origin.function, origin.key) != (self.function, self.key) {
            blame("it has another's value");
        }
        if self.wish != Wish::None && !is_own {
            blame("it is to have its own");
        }
        if outcome.is_err() && calls::is_only_ok(self.function) && !is_own {
            blame("it has an error that is another's alone");
        }
        if let Some(report) = report {
            if (report.role == Role::Follower) == is_own {
                blame(&format!("it is said to be a {:?}", report.role));
            }
        }
        let (since, forgotten) = self.since.expect("it was polled");
        let now = self.world.now();
        if origin.seen.fetch_min(now, SeqCst) < since {
            blame("somebody had it before this call began");
        }
        if origin.started < forgotten {
            blame("its key was forgotten between the body's start and its own");
        }
    }
}

impl Future for Asked {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let (outcome, report) = ready!(self.ask(|call| call.as_mut().poll(cx)));
        self.check(&outcome, report);
        Poll::Ready(outcome)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let is_uncertain =
            self.world.plan.mischief > Mischief::None || calls::is_spawned(self.function);
        let is_born = self.started.load(SeqCst) || self.answered || self.since.is_none();
        if is_uncertain && !is_born {
            self.world.ledger.stillborn.fetch_add(1, SeqCst);
        }
    }
}
