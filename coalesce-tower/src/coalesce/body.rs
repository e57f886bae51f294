//! The body of a flight: makes an instance of the service ready, and calls it.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::sharing::{Packed, Share};

pin_project! {
    /// What the caller that leads does.
    pub struct Body<S, Req, P>
    where
        S: Service<Req>,
    {
        #[pin]
        stage: Stage<S, Req, S::Future>,
        share: PhantomData<fn() -> P>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<S, Req, F> {
        Readying { service: S, request: Option<Req> },
        Called { #[pin] response: F },
    }
}

impl<S: Service<Req>, Req, P> Body<S, Req, P> {
    pub(crate) fn new(service: S, request: Req) -> Self {
        Self {
            stage: Stage::Readying {
                service,
                request: Some(request),
            },
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
        let mut stage = self.project().stage;
        loop {
            match stage.as_mut().project() {
                StageProjection::Readying { service, request } => {
                    if let Err(error) = ready!(service.poll_ready(cx)) {
                        return Poll::Ready(P::pack(Err(error)));
                    }
                    let Some(request) = request.take() else {
                        unreachable!("a body that has panicked is not polled again")
                    };
                    let response = service.call(request);
                    stage.set(Stage::Called { response });
                }
                StageProjection::Called { response } => return response.poll(cx).map(P::pack),
            }
        }
    }
}

impl<S: Service<Req>, Req, P> fmt::Debug for Body<S, Req, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Readying { .. } => "readying",
            Stage::Called { .. } => "called",
        })
    }
}
