//! What the request that leads does: a call of the service, made into what callers can share.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::share::{Packed, Share};
use crate::oneshot::Oneshot;

pin_project! {
    /// What the request that leads does, or one that is alone.
    pub struct Lead<S, Req, P>
    where
        S: Service<Req>,
    {
        #[pin]
        call: Oneshot<S, Req>,
        share: PhantomData<fn() -> P>,
    }
}

impl<S: Service<Req>, Req, P> Lead<S, Req, P> {
    pub(crate) fn new(service: S, request: Req) -> Self {
        Self {
            call: Oneshot::new(service, request),
            share: PhantomData,
        }
    }
}

impl<S, Req, P> Future for Lead<S, Req, P>
where
    S: Service<Req>,
    P: Share<S::Response, S::Error>,
{
    type Output = Packed<P, S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().call.poll(cx).map(P::pack)
    }
}

impl<S: Service<Req>, Req, P> fmt::Debug for Lead<S, Req, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lead").field(&self.call).finish()
    }
}
