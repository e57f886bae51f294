//! The future of a request.

use std::{
    fmt,
    future::Future,
    hash::Hash,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::{lead::Lead, policy::Policy, share::Share};
use crate::run::Run;

pin_project! {
    /// A request of a [`CoalesceService`](super::CoalesceService): it joins when it is first polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ResponseFuture<S, Req, K, P, R>
    where
        S: Service<Req>,
        P: Share<S::Response, S::Error>,
        R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
    {
        #[pin]
        stage: Stage<K, Lead<S, Req, P>, R::Call>,
        policy: Arc<Policy<Req, K, P::Value, P, R>>,
    }
}

pin_project! {
    #[project = StageProjection]
    #[project_replace = Replaced]
    enum Stage<K, L, C> {
        Idle { key: Option<K>, lead: L },
        Started { #[pin] call: C },
        // Something of the user's panicked while it joined.
        Broken,
    }
}

impl<S, Req, K, P, R> ResponseFuture<S, Req, K, P, R>
where
    S: Service<Req>,
    P: Share<S::Response, S::Error>,
    R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
{
    pub(crate) fn new(
        key: Option<K>,
        service: S,
        request: Req,
        policy: Arc<Policy<Req, K, P::Value, P, R>>,
    ) -> Self {
        let lead = Lead::new(service, request);
        Self {
            stage: Stage::Idle { key, lead },
            policy,
        }
    }
}

impl<S, Req, K, P, R> Future for ResponseFuture<S, Req, K, P, R>
where
    S: Service<Req>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    P: Share<S::Response, S::Error>,
    R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut stage = this.stage;
        if let StageProjection::Idle { .. } = stage.as_mut().project() {
            let Replaced::Idle { key, lead } = stage.as_mut().project_replace(Stage::Broken) else {
                unreachable!("it is idle")
            };
            let call = this.policy.start(key, lead);
            stage.set(Stage::Started { call });
        }
        match stage.project() {
            StageProjection::Started { call } => {
                let packed = ready!(call.poll(cx));
                Poll::Ready(this.policy.share.unpack(packed))
            }
            _ => panic!("a request was polled again after a panic"),
        }
    }
}

impl<S, Req, K, P, R> fmt::Debug for ResponseFuture<S, Req, K, P, R>
where
    S: Service<Req>,
    P: Share<S::Response, S::Error>,
    R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
