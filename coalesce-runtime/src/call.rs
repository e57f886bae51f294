//! The caller's future: it joins when it is first polled, and then either polls its own body or
//! waits for another's.
//!
//! What if it is dropped: the body goes first, then the seat, by the order of the fields; so the
//! next leader starts when the old body holds nothing any more, and it is told even if the body's
//! destructor panics.

use std::{
    future::Future,
    marker::PhantomData,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use crate::{
    flights::Flights,
    key::Key,
    panic::{aside, text},
    seat::{Seat, Turn},
    sharing::{Share, Sharing, is_err},
};

pin_project! {
    /// A call of a coalesced function.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Call<H, Q, S, K, V, F>
    where
        H: Deref<Target = Flights<K, V>>,
    {
        #[pin]
        body: Option<F>,
        seat: Seat<H, K, V>,
        // Until the call has joined.
        key: Option<Q>,
        share: Share<V>,
        sharing: PhantomData<fn() -> S>,
    }
}

impl<H: Deref<Target = Flights<K, V>>, Q, S, K, V, F> Call<H, Q, S, K, V, F> {
    pub(crate) fn new(seat: Seat<H, K, V>, key: Option<Q>, share: Share<V>, body: F) -> Self {
        Self {
            body: Some(body),
            seat,
            key,
            share,
            sharing: PhantomData,
        }
    }
}

impl<H, Q, S, K, V, F> Future for Call<H, Q, S, K, V, F>
where
    H: Deref<Target = Flights<K, V>>,
    Q: Key<K>,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
{
    type Output = S::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Output> {
        let mut this = self.project();
        if let Some(key) = this.key.take() {
            this.seat.join(&key);
        }
        if let Turn::Landed(value) = ready!(this.seat.poll(cx, *this.share)) {
            return Poll::Ready(S::join(value));
        }
        // Caught, so that the followers learn of a panic; each panic goes on to its own caller.
        let body = this.body.as_mut().as_pin_mut();
        let polled = catch_unwind(AssertUnwindSafe(|| match body {
            Some(body) => this.seat.run(|| body.poll(cx)),
            None => unreachable!("a leader has a body until it lands"),
        }));
        let ended = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => Err(panic),
        };
        // What the body holds is free before the next flight can open.
        let dropped = catch_unwind(AssertUnwindSafe(|| this.body.set(None)));
        match ended {
            Ok(output) => {
                let is_err = is_err(&output);
                let output = match S::split(output) {
                    Ok(value) => S::join(this.seat.land(value, is_err, *this.share)),
                    Err(output) => {
                        this.seat.fail();
                        output
                    }
                };
                if let Err(panic) = dropped {
                    aside(|| drop(output));
                    resume_unwind(panic);
                }
                Poll::Ready(output)
            }
            Err(panic) => {
                this.seat.land_panicked(text(&*panic));
                resume_unwind(panic)
            }
        }
    }
}
