//! The future of a request.

use std::{
    fmt,
    future::Future,
    hash::Hash,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    landing::{Failed, Landing, Sharing},
    lead::Lead,
    policy::Policy,
    request::RequestKey,
    response_body::ResponseBody,
    waiting::{Waiting, WaitingOf},
};
use crate::{oneshot::Oneshot, run::Run};

pin_project! {
    /// A request of a [`HttpCoalesceService`](super::HttpCoalesceService): it joins when it is first
    /// polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ResponseFuture<S, B, D, K, R>
    where
        S: Service<Request<B>>,
        D: Body,
        R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
    {
        #[pin]
        stage: Stage<RequestKey<K>, R::Call, Oneshot<S, Request<B>>>,
        waiting: WaitingOf<S, B, D, S::Error>,
        policy: Arc<Policy<B, K>>,
        run: R,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<K, F, C> {
        // None: it is left alone.
        Idle { key: Option<K> },
        Flying { #[pin] flight: F },
        // It has waited for a response that could not be shared.
        Own { #[pin] call: C },
    }
}

impl<S, B, D, K, R> ResponseFuture<S, B, D, K, R>
where
    S: Service<Request<B>>,
    D: Body,
    R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
{
    pub(crate) fn new(
        key: Option<RequestKey<K>>,
        service: S,
        request: Request<B>,
        policy: Arc<Policy<B, K>>,
        run: R,
    ) -> Self {
        Self {
            stage: Stage::Idle { key },
            waiting: Waiting::new((service, request)),
            policy,
            run,
        }
    }
}

impl<S, B, D, K, R> Future for ResponseFuture<S, B, D, K, R>
where
    S: Service<Request<B>, Response = Response<D>>,
    D: Body,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
{
    type Output = Result<Response<ResponseBody<D>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut stage = this.stage;
        loop {
            match stage.as_mut().project() {
                StageProjection::Idle { key } => {
                    let key = key.take();
                    let flight = this.policy.start(key, this.waiting, this.run);
                    stage.set(Stage::Flying { flight });
                }
                StageProjection::Flying { flight } => {
                    let landed = ready!(flight.poll(cx));
                    // It has led, or was alone.
                    if let Some(own) = this.waiting.take() {
                        return Poll::Ready(own);
                    }
                    match landed {
                        Ok(Landing::Shared(shared)) => return Poll::Ready(Ok(shared.response())),
                        Ok(Landing::NotShared) => {}
                        Err(Failed) => unreachable!("a failure is its own request's"),
                    }
                    let Some((service, request)) = this.waiting.run() else {
                        unreachable!("it has not run")
                    };
                    let call = Oneshot::new(service, request);
                    stage.set(Stage::Own { call });
                }
                StageProjection::Own { call } => {
                    let response = ready!(call.poll(cx));
                    return Poll::Ready(response.map(|it| it.map(ResponseBody::through)));
                }
            }
        }
    }
}

impl<S, B, D, K, R> fmt::Debug for ResponseFuture<S, B, D, K, R>
where
    S: Service<Request<B>>,
    D: Body,
    R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
