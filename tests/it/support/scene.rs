//! What most tests set up: a gate that bodies wait at, and callers that wait for these bodies.

use super::Gate;
use coalesced::{Group, Stats, Value};
use std::{
    fmt::Debug,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
};
use tokio_test::{
    assert_ready,
    task::{self, Spawn},
};

/// A group in which one key is called, and the gate that the bodies wait at.
pub(crate) struct Scene<V> {
    pub(crate) group: Group<u64, V>,
    pub(crate) gate: Arc<Gate>,
    end: Box<dyn Fn() -> V>,
}

pub(crate) type Call<'s, V> = Pin<Box<dyn Future<Output = V> + 's>>;

impl<V: Value> Scene<V> {
    /// Bodies that passed the gate end as `end` does: with a value, or in a panic.
    pub(crate) fn new(end: impl Fn() -> V + 'static) -> Self {
        Self {
            group: Group::new(),
            gate: Gate::closed(),
            end: Box::new(end),
        }
    }

    /// The same group and key, with bodies and a gate of its own.
    pub(crate) fn beside(&self, end: impl Fn() -> V + 'static) -> Self {
        Self {
            group: self.group.clone(),
            ..Self::new(end)
        }
    }

    pub(crate) fn call(&self) -> Call<'_, V> {
        Box::pin(self.group.call(7, async {
            self.gate.pass().await;
            (self.end)()
        }))
    }

    /// As [`begin`].
    #[track_caller]
    pub(crate) fn begin<const CALLERS: usize>(&self) -> [Spawn<Call<'_, V>>; CALLERS] {
        begin(|| self.call())
    }

    /// Nobody is left, and the numbers add up.
    #[track_caller]
    pub(crate) fn check(&self) -> Stats {
        self.check_with(0)
    }

    /// [`check`](Self::check) of a group in which there were also bodies that passed no gate of this scene.
    #[track_caller]
    pub(crate) fn check_with(&self, other_bodies: usize) -> Stats {
        let stats = self.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
        assert_eq!(self.gate.bodies_active(), 0, "{stats}");
        let bodies = self.gate.bodies_started() + other_bodies;
        assert_eq!(stats.bodies(), bodies as u64, "{stats}");
        let calls = stats.led + stats.followed + stats.alone;
        assert_eq!(stats.calls, calls, "{stats}");
        stats
    }
}

/// Callers that were polled, one after the other, and wait: the first leads and the others follow, if
/// nobody led before.
#[track_caller]
pub(crate) fn begin<const CALLERS: usize, F: Future>(call: impl Fn() -> F) -> [Spawn<F>; CALLERS] {
    let mut callers = [(); CALLERS].map(|()| task::spawn(call()));
    for caller in &mut callers {
        assert!(caller.poll().is_pending(), "it waits");
    }
    callers
}

/// A caller that waits, and is woken by a waker of the test's.
#[track_caller]
pub(crate) fn begin_with<F: Future>(waker: &Waker, call: F) -> Pin<Box<F>> {
    let mut call = Box::pin(call);
    let polled = call.as_mut().poll(&mut Context::from_waker(waker));
    assert!(polled.is_pending(), "it waits");
    call
}

/// Those who waited, each with this value.
#[track_caller]
pub(crate) fn all_have<F: Future>(callers: &mut [Spawn<F>], value: F::Output)
where
    F::Output: Debug + PartialEq,
{
    for caller in callers {
        assert_eq!(assert_ready!(caller.poll()), value);
    }
}
