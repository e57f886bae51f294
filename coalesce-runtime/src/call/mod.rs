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
//! What if it is dropped: the body goes first, then the caller's state, by the order of the fields; so the
//! next leader starts when the old body holds nothing any more, and it is told even if the body's
//! destructor panics.

pub(crate) mod across;
mod asking;
pub(crate) mod blocking;
pub(crate) mod caller;
mod cycle;
mod end;
pub(crate) mod forget;
pub(crate) mod max_wait;
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
    call::across::{Brief, Ended, Here, Lead, Verdict},
    call::max_wait::Driver,
    call::{caller::Caller, wait::Turn},
    flight::landing::collect,
    flight::map::FlightMap,
    key::Key,
    panic::{aside, discard, text},
    sharing::{Share, Sharing, fallible::is_err},
};

pin_project! {
    /// A call of a coalesced function.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Call<H, Q, S, K, V, F, L = Here>
    where
        H: Deref<Target = FlightMap<K>>,
    {
        #[pin]
        body: Option<F>,
        lead: L,
        caller: Caller<H, K>,
        // Until the call has joined.
        key: Option<Q>,
        share: Share<V>,
        sharing: PhantomData<fn() -> S>,
    }
}

impl<H: Deref<Target = FlightMap<K>>, Q, S, K, V, F, L> Call<H, Q, S, K, V, F, L> {
    pub(crate) fn new(
        caller: Caller<H, K>,
        key: Option<Q>,
        share: Share<V>,
        body: F,
        lead: L,
    ) -> Self {
        Self {
            body: Some(body),
            lead,
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
        let mut this = self.project();
        if let Some(key) = this.key.take() {
            let polled = Some(cx.waker());
            if this
                .caller
                .join::<Q, V, L>(&key, Driver::Task, this.lead, polled)
            {
                this.caller.refuse_cycle();
                return Poll::Pending;
            }
        }
        if let Turn::Landed(landing) = ready!(this.caller.poll(cx)) {
            return Poll::Ready(S::join(collect::<S, V>(landing, *this.share)));
        }
        if let Verdict::Given(value) = ready!(this.caller.ask(this.lead, cx)) {
            let dropped = catch_unwind(AssertUnwindSafe(|| this.body.set(None)));
            let output = given::<H, S, K, V>(this.caller, value, *this.share);
            return match dropped {
                Ok(()) => Poll::Ready(output),
                Err(panic) => {
                    aside(|| drop(output));
                    resume_unwind(panic)
                }
            };
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
        let (caller, lead, share) = (this.caller, this.lead, *this.share);
        Poll::Ready(match dropped {
            Ok(()) => end::<H, S, K, V, L>(caller, lead, ended, share),
            Err(panic) => end_and_panic::<H, S, K, V, L>(caller, lead, ended, share, panic),
        })
    }
}

type Panic = Box<dyn Any + Send>;

/// The body ran elsewhere, and here it has been dropped.
fn given<H, S, K, V>(caller: &mut Caller<H, K>, value: V, share: Share<V>) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
{
    let is_err = is_err(&value);
    S::join(caller.land_given::<S, V>(value, is_err, share))
}

/// The body has ended, and has been dropped.
fn end<H, S, K, V, L>(
    caller: &mut Caller<H, K>,
    lead: &mut L,
    ended: Result<S::Output, Panic>,
    share: Share<V>,
) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    L: Lead<V>,
{
    let output = match ended {
        Ok(output) => output,
        Err(panic) => {
            lead.end(Ended::Nothing);
            caller.land_panicked(text(&*panic));
            resume_unwind(panic)
        }
    };
    let is_err = is_err(&output);
    match S::split(output) {
        Ok(value) => {
            lead.end(Ended::Value(&value));
            S::join(caller.land::<S, V>(value, is_err, share))
        }
        Err(output) => {
            lead.end(Ended::Nothing);
            caller.fail();
            output
        }
    }
}

/// The same, its destructor having panicked: the followers have what there is, and the caller has the panic, unless
/// another one comes first.
#[cold]
fn end_and_panic<H, S, K, V, L>(
    caller: &mut Caller<H, K>,
    lead: &mut L,
    ended: Result<S::Output, Panic>,
    share: Share<V>,
    panic: Panic,
) -> !
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    L: Lead<V>,
{
    let end = || end::<H, S, K, V, L>(caller, lead, ended, share);
    match catch_unwind(AssertUnwindSafe(end)) {
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
