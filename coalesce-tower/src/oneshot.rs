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
    enum Stage<S, Req, F> {
        Readying { service: S, request: Option<Req> },
        Called { #[pin] response: F },
    }
}

impl<S: Service<Req>, Req> Oneshot<S, Req> {
    pub(crate) fn new(service: S, request: Req) -> Self {
        Self {
            stage: Stage::Readying {
                service,
                request: Some(request),
            },
        }
    }
}

impl<S: Service<Req>, Req> Future for Oneshot<S, Req> {
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            match stage.as_mut().project() {
                StageProjection::Readying { service, request } => {
                    ready!(service.poll_ready(cx))?;
                    let Some(request) = request.take() else {
                        unreachable!("a body that has panicked is not polled again")
                    };
                    let response = service.call(request);
                    stage.set(Stage::Called { response });
                }
                StageProjection::Called { response } => return response.poll(cx),
            }
        }
    }
}

impl<S: Service<Req>, Req> fmt::Debug for Oneshot<S, Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Readying { .. } => "readying",
            Stage::Called { .. } => "called",
        })
    }
}
