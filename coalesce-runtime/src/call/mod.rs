//! The caller's future: it joins when it is first polled, and then either polls its own body or
//! waits for another's.
//!
//! 1. It takes what is wished of it (`wish`: `fresh`, `alone`, `observe`), and joins with its key; an annotated
//!    function has done so already, while it could borrow its arguments, and comes without one (`no_key`).
//! 2. It is a leader, a follower or alone (`caller`). Who waits (`wait`) is polled until its flight lands, fails or is
//!    vacant, or it has waited long enough (`max_wait`); before it waits, it is looked whether it would wait for
//!    itself (`cycle`).
//! 3. Who leads polls its body, here, or on a task of its own (`spawn`); a thread sleeps meanwhile (`blocking`).
//! 4. The body is dropped, the flight ends (`end`), the observers are told (`report`).
//!
//! What if it is dropped: the body goes first, then the caller's state, by the order of the fields; so the
//! next leader starts when the old body holds nothing any more, and it is told even if the body's
//! destructor panics.

pub(crate) mod blocking;
pub(crate) mod caller;
mod cycle;
mod end;
pub(crate) mod forget;
pub(crate) mod max_wait;
pub(crate) mod no_key;
pub(crate) mod report;
#[cfg(any(loom, feature = "spawn"))]
pub(crate) mod spawn;
mod wait;
pub(crate) mod wish;

use std::{
    any::Any,
    future::Future,
    marker::PhantomData,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::{
    call::max_wait::Driver,
    call::{caller::Caller, wait::Turn},
    flight::collect,
    flight::map::FlightMap,
    key::Key,
    panic::{aside, discard, text},
    sharing::{Share, Sharing, fallible::is_err},
};

pin_project! {
    /// A call of a coalesced function.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Call<H, Q, S, K, V, F>
    where
        H: Deref<Target = FlightMap<K>>,
    {
        #[pin]
        body: Option<F>,
        caller: Caller<H, K>,
        // Until the call has joined.
        key: Option<Q>,
        share: Share<V>,
        sharing: PhantomData<fn() -> S>,
    }
}

impl<H: Deref<Target = FlightMap<K>>, Q, S, K, V, F> Call<H, Q, S, K, V, F> {
    pub(crate) fn new(caller: Caller<H, K>, key: Option<Q>, share: Share<V>, body: F) -> Self {
        Self {
            body: Some(body),
            caller,
            key,
            share,
            sharing: PhantomData,
        }
    }

    fn caller(&self) -> &Caller<H, K> {
        &self.caller
    }
}

impl<H, Q, S, K, V, F> Future for Call<H, Q, S, K, V, F>
where
    H: Deref<Target = FlightMap<K>>,
    Q: Key<K>,
    K: Send + Sync + 'static,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
{
    type Output = S::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Output> {
        let mut this = self.project();
        if let Some(key) = this.key.take() {
            this.caller.join(&key, Driver::Task);
        }
        if let Turn::Landed(flight) = ready!(this.caller.poll(cx)) {
            return Poll::Ready(S::join(collect::<S, V>(flight, *this.share)));
        }
        // Caught, so that the followers learn of a panic; each panic goes on to its own caller.
        let body = this.body.as_mut().as_pin_mut();
        let polled = catch_unwind(AssertUnwindSafe(|| match body {
            Some(body) => this.caller.run(|| body.poll(cx)),
            None => unreachable!("a leader has a body until it lands"),
        }));
        let ended = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => Err(panic),
        };
        // What the body holds is free before the next flight can open.
        let dropped = catch_unwind(AssertUnwindSafe(|| this.body.set(None)));
        let (caller, share) = (this.caller, *this.share);
        Poll::Ready(match dropped {
            Ok(()) => end::<H, S, K, V>(caller, ended, share),
            Err(panic) => end_and_panic::<H, S, K, V>(caller, ended, share, panic),
        })
    }
}

type Panic = Box<dyn Any + Send>;

/// The body has ended, and has been dropped.
fn end<H, S, K, V>(
    caller: &mut Caller<H, K>,
    ended: Result<S::Output, Panic>,
    share: Share<V>,
) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    let output = match ended {
        Ok(output) => output,
        Err(panic) => {
            caller.land_panicked(text(&*panic));
            resume_unwind(panic)
        }
    };
    let is_err = is_err(&output);
    match S::split(output) {
        Ok(value) => S::join(caller.land::<S, V>(value, is_err, share)),
        Err(output) => {
            caller.fail();
            output
        }
    }
}

/// The same, its destructor having panicked: the followers have what there is, and the caller has the panic, unless
/// another one comes first.
#[cold]
fn end_and_panic<H, S, K, V>(
    caller: &mut Caller<H, K>,
    ended: Result<S::Output, Panic>,
    share: Share<V>,
    panic: Panic,
) -> !
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    match catch_unwind(AssertUnwindSafe(|| end::<H, S, K, V>(caller, ended, share))) {
        Ok(output) => {
            aside(|| drop(output));
            resume_unwind(panic)
        }
        Err(other) => {
            discard(panic);
            resume_unwind(other)
        }
    }
}
