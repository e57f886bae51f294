//! Makes an instance of a service ready, calls it, and lets it go.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

pin_project! {
    /// A call of a service from its readiness to its response.
    pub(crate) struct Oneshot<S, Req>
    where
        S: Service<Req>,
    {
        #[pin]
        stage: Stage<S, Req, S::Future>,
    }
}

pin_project! {
    #[project = StageProjection]
    #[project_replace = Replaced]
    enum Stage<S, Req, F> {
        Readying { service: S, request: Req },
        Called { #[pin] response: F },
        // It is elsewhere, or has panicked.
        Gone,
    }
}

impl<S: Service<Req>, Req> Oneshot<S, Req> {
    pub(crate) fn new(service: S, request: Req) -> Self {
        Self {
            stage: Stage::Readying { service, request },
        }
    }
}

#[cfg(feature = "http")]
impl<S: Service<Req>, Req> Oneshot<S, Req> {
    /// What is asked, before it is polled.
    pub(crate) fn request(&self) -> &Req {
        match &self.stage {
            Stage::Readying { request, .. } => request,
            _ => unreachable!("it has begun"),
        }
    }

    /// The same call at another place, before it is polled.
    pub(crate) fn moved(self: Pin<&mut Self>) -> Self {
        match self.project().stage.project_replace(Stage::Gone) {
            Replaced::Readying { service, request } => Self::new(service, request),
            _ => unreachable!("it has begun"),
        }
    }
}

impl<S: Service<Req>, Req> Future for Oneshot<S, Req> {
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            match stage.as_mut().project() {
                StageProjection::Readying { service, .. } => ready!(service.poll_ready(cx))?,
                StageProjection::Called { response } => return response.poll(cx),
                StageProjection::Gone => {
                    unreachable!("a body that has panicked is not polled again")
                }
            }
            if let Replaced::Readying {
                mut service,
                request,
            } = stage.as_mut().project_replace(Stage::Gone)
            {
                let response = service.call(request);
                stage.set(Stage::Called { response });
            }
        }
    }
}

impl<S: Service<Req>, Req> fmt::Debug for Oneshot<S, Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Readying { .. } => "readying",
            Stage::Called { .. } => "called",
            Stage::Gone => "gone",
        })
    }
}
