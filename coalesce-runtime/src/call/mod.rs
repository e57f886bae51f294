//! The caller's future: it joins when it is first polled, and then either polls its own body or
//! waits for another's.
//!
//! 1. It takes what is wished of it (`wish`: `fresh`, `alone`, `observe`), and joins with its key and its waker. An
//!    annotated function whose key borrows from its own arguments has done so already, and comes without one.
//! 2. It is a leader, a follower or alone (`caller`). Who waits (`wait`) is polled until its flight lands, fails or is
//!    vacant, or it has waited long enough (`max_wait`); before it waits, it is looked whether it would wait for
//!    itself (`cycle`).
//! 3. Who leads a flight that goes across asks other servers first (`across`).
//! 4. Who leads polls its body, here, or on a task of its own (`spawn`); a thread sleeps meanwhile (`blocking`).
//! 5. The body is dropped, the flight ends (`end`), the observers are told (`report`).
//!
//! All but the body and what it returns is one code for all functions with one type of key (`seat`, `drive`), which
//! knows the body as `work`, and what it returns as `returned`: every annotated function has a body of its own type,
//! and what there is of each is compiled for each.
//!
//! What if it is dropped: the body goes first, then the caller's state, by the order of the fields; so the
//! next leader starts when the old body holds nothing any more, and it is told even if the body's
//! destructor panics.

pub(crate) mod across;
mod asking;
pub(crate) mod blocking;
pub(crate) mod caller;
mod cycle;
mod drive;
mod end;
pub(crate) mod forget;
pub(crate) mod max_wait;
pub(crate) mod report;
mod returned;
pub(crate) mod seat;
#[cfg(any(loom, feature = "spawn"))]
pub(crate) mod spawn;
mod wait;
pub(crate) mod wish;
mod work;

use std::{
    future::Future,
    marker::PhantomData,
    ops::Deref,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    call::{
        across::{Brief, Here, Lead},
        caller::Caller,
        returned::Returned,
        seat::Seat,
        work::Running,
    },
    flight::map::FlightMap,
    key::Key,
    sharing::{Share, Sharing},
};

/// A call of a coalesced function.
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Call<H, Q, S, K, V, F, L = Here>
where
    H: Deref<Target = FlightMap<K>>,
{
    /// It is pinned with the call, and nothing else is. By hand, since what a macro writes for it is compiled for each.
    pub(crate) body: Option<F>,
    pub(crate) seat: Seat<H, K, L, Q>,
    pub(crate) share: Share<V>,
    pub(crate) sharing: PhantomData<fn() -> S>,
}

impl<H: Deref<Target = FlightMap<K>>, Q, S, K, V, F: Unpin, L> Unpin for Call<H, Q, S, K, V, F, L> {}

impl<H: Deref<Target = FlightMap<K>>, Q, S, K, V, F, L> Call<H, Q, S, K, V, F, L> {
    pub(crate) fn new(seat: Seat<H, K, L, Q>, share: Share<V>, body: F) -> Self {
        Self {
            body: Some(body),
            seat,
            share,
            sharing: PhantomData,
        }
    }

    fn caller(&self) -> &Caller<H, K> {
        &self.seat.caller
    }
}

impl<H, Q, S, K, V, F, L> Future for Call<H, Q, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    Q: Key<K>,
    K: Send + Sync + 'static,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
    L: Lead<V> + Brief<Q>,
{
    type Output = S::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Output> {
        // SAFETY: of what is in it only the body is pinned, which stays in its place (`Running`) until it is dropped there;
        // a call is `Unpin` only where its body is, and has no destructor of its own.
        let this = unsafe { self.get_unchecked_mut() };
        let Seat { lead, caller, key } = &mut this.seat;
        let mut output = Poll::Pending;
        if !L::HERE && caller.waits_across(key, lead, cx) {
            return output;
        }
        let mut running = Running {
            body: &mut this.body,
            returned: Returned::<S, V, L> {
                output: &mut output,
                share: this.share,
                lead,
            },
        };
        caller.drive(key, cx, &mut running);
        output
    }
}
