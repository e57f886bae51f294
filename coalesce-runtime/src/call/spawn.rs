//! Bodies on Tokio tasks of their own (`spawn`, `detach`).
//!
//! 1. A caller that comes to lead gives what it is and its body to a task, and becomes the flight's
//!    *owner*: it waits for the task. The task is a call like any other: it lands the flight, or, dropped,
//!    abandons it.
//! 2. The owner is dropped: the task goes on for the followers. The last caller, owner or follower,
//!    goes: with `spawn` the task is aborted, with `detach` it runs to its end.
//! 3. An aborted task may still run for a moment. Its flight keeps the key until the body is dropped, so a
//!    newcomer follows it, and takes over when it is abandoned.
//!    A spawned body can be gone before its owner: it failed, or its runtime ended. Then another caller can
//!    take over, and is the owner (`flight/task.rs`).
//! 4. The runtime shuts down: the task is dropped, and its flight is handed over to a follower, which
//!    spawns its own body, where it is.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::{
    call::Call,
    call::across::{Brief, Here, Lead},
    call::caller::Caller,
    call::seat::Seat,
    call::wait::Turn,
    flight::landing::collect,
    flight::map::FlightMap,
    key::no_key::NoKey,
    sharing::{Share, Sharing},
    task::{Handle, JoinHandle},
};

/// A call whose body runs on a task of its own.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct SpawnedCall<H, S, K, V, F, L = Here>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    caller: Caller<H, K>,
    body: Option<(F, L)>,
    task: Option<Task<S::Output>>,
    share: Share<V>,
    detach: bool,
}

/// The task of a body, as its owner sees it.
struct Task<O> {
    handle: JoinHandle<O>,
    /// Whether it goes with the call: it shares with nobody. Else it is its flight's to abort.
    is_own: bool,
}

impl<H, S, K, V, F, L> SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    pub(crate) fn new(
        caller: Caller<H, K>,
        share: Share<V>,
        body: F,
        lead: L,
        detach: bool,
    ) -> Self {
        Self {
            caller,
            body: Some((body, lead)),
            task: None,
            share,
            detach,
        }
    }
}

// Nothing in it is pinned: the body is on the task.
impl<H, S, K, V, F, L> Unpin for SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
}

impl<H, S, K, V, F, L> Future for SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>> + Clone + Send + 'static,
    S: Sharing<V> + 'static,
    S::Output: Send + 'static,
    K: Send + Sync + 'static,
    V: 'static,
    F: Future<Output = S::Output> + Send + 'static,
    L: Lead<V> + Brief<NoKey> + Send + 'static,
{
    type Output = S::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Output> {
        let this = self.get_mut();
        if this.task.is_none() {
            match ready!(this.caller.wait(cx)) {
                Turn::Landed(landing) => {
                    return Poll::Ready(S::join(collect::<S, V>(landing, this.share)));
                }
                Turn::Run => this.spawn(),
            }
        }
        let Some(task) = &mut this.task else {
            unreachable!("it has just been spawned")
        };
        match ready!(Pin::new(&mut task.handle).poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => panic!(
                    "the runtime on which the body of `{}` ran has shut down",
                    this.caller.name()
                ),
            },
        }
    }
}

impl<H, S, K, V, F, L> SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>> + Clone + Send + 'static,
    S: Sharing<V> + 'static,
    S::Output: Send + 'static,
    K: Send + Sync + 'static,
    V: 'static,
    F: Future<Output = S::Output> + Send + 'static,
    L: Lead<V> + Brief<NoKey> + Send + 'static,
{
    fn spawn(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            panic!(
                "the body of `{}` is to be spawned, and there is no Tokio runtime; call it from one, or \
                 leave out `spawn` or `detach`",
                self.caller.name()
            )
        };
        let Some((body, lead)) = self.body.take() else {
            unreachable!("a leader has a body until it is spawned")
        };
        let (caller, owner) = self.caller.give_away();
        let seat = Seat::<H, K, L, NoKey>::joined(caller, lead);
        let call = Call::<_, _, S, _, _, _, _>::new(seat, self.share, body);
        let handle = runtime.spawn(call);
        if let (Some(owner), false) = (owner, self.detach) {
            self.caller.spawned(owner, handle.abort_handle());
        }
        let is_own = owner.is_none() && !self.detach;
        self.task = Some(Task { handle, is_own });
    }
}

impl<H, S, K, V, F, L> fmt::Debug for SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SpawnedCall").field(&self.caller).finish()
    }
}

impl<O> Drop for Task<O> {
    fn drop(&mut self) {
        if self.is_own {
            self.handle.abort();
        }
    }
}
