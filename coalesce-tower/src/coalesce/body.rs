//! The body of a flight: a call of the service, made into what callers can share.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::sharing::{Packed, Share};
use crate::oneshot::Oneshot;

pin_project! {
    /// What the caller that leads does.
    pub struct Body<S, Req, P>
    where
        S: Service<Req>,
    {
        #[pin]
        call: Oneshot<S, Req>,
        share: PhantomData<fn() -> P>,
    }
}

impl<S: Service<Req>, Req, P> Body<S, Req, P> {
    pub(crate) fn new(service: S, request: Req) -> Self {
        Self {
            call: Oneshot::new(service, request),
            share: PhantomData,
        }
    }
}

impl<S, Req, P> Future for Body<S, Req, P>
where
    S: Service<Req>,
    P: Share<S::Response, S::Error>,
{
    type Output = Packed<P, S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().call.poll(cx).map(P::pack)
    }
}

impl<S: Service<Req>, Req, P> fmt::Debug for Body<S, Req, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&self.call).finish()
    }
}
