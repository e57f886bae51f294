//! What the request that leads does: calls the service, and finds out whether others may have its response.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response, response::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    collect::{Collect, Collected},
    landing::{Failed, Landing, Shared},
    memory::Memory,
    response::{Terms, for_another},
    response_body::ResponseBody,
    waiting::WaitingOf,
};
use crate::oneshot::Oneshot;

/// What decides whether a response is shared.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) terms: Terms,
    pub(crate) memory: Memory,
}

pin_project! {
    /// What the request that leads does, or one that is left alone.
    pub struct Lead<S, B, D>
    where
        S: Service<Request<B>>,
        D: Body,
    {
        waiting: WaitingOf<S, B, D, S::Error>,
        // And the hash by which the key is remembered; none, if it is left alone.
        rules: Option<(Arc<Rules>, u64)>,
        #[pin]
        stage: Stage<Oneshot<S, Request<B>>, D>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<C, D> {
        Idle,
        Called { #[pin] call: C },
        Collecting { head: Option<Parts>, body: Collect<D> },
    }
}

impl<S: Service<Request<B>>, B, D: Body> Lead<S, B, D> {
    pub(crate) fn new(
        waiting: WaitingOf<S, B, D, S::Error>,
        rules: Option<(Arc<Rules>, u64)>,
    ) -> Self {
        Self {
            waiting,
            rules,
            stage: Stage::Idle,
        }
    }
}

impl<S, B, D> Future for Lead<S, B, D>
where
    S: Service<Request<B>, Response = Response<D>>,
    D: Body,
{
    type Output = Result<Landing, Failed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut stage = this.stage;
        let rules = this.rules.as_ref();
        let own = |head, body| this.waiting.put(Ok(Response::from_parts(head, body)));
        let not_shared = |head, body| {
            if let Some((rules, hash)) = rules {
                rules.memory.remember(*hash);
            }
            own(head, body);
            Poll::Ready(Ok(Landing::NotShared))
        };
        loop {
            match stage.as_mut().project() {
                StageProjection::Idle => {
                    let Some((service, request)) = this.waiting.run() else {
                        unreachable!("a request runs once")
                    };
                    let call = Oneshot::new(service, request);
                    stage.set(Stage::Called { call });
                }
                StageProjection::Called { call } => {
                    let response = match ready!(call.poll(cx)) {
                        Ok(response) => response,
                        Err(error) => {
                            this.waiting.put(Err(error));
                            return Poll::Ready(Err(Failed));
                        }
                    };
                    let (head, body) = response.into_parts();
                    let limit = match rules {
                        Some((rules, _)) if rules.terms.may_give(&head) => rules.terms.max_body,
                        _ => return not_shared(head, ResponseBody::through(body)),
                    };
                    match Collect::new(body, limit) {
                        Ok(body) => {
                            let head = Some(head);
                            stage.set(Stage::Collecting { head, body });
                        }
                        Err(body) => return not_shared(head, ResponseBody::through(body)),
                    }
                }
                StageProjection::Collecting { head, body } => {
                    let collected = ready!(body.poll(cx));
                    let Some(head) = head.take() else {
                        unreachable!("a body is collected once")
                    };
                    let read = match collected {
                        Collected::Whole(read) => read,
                        Collected::TooLarge(body) => return not_shared(head, body),
                        Collected::Failed(body) => {
                            own(head, body);
                            return Poll::Ready(Err(Failed));
                        }
                    };
                    let shared = Shared::new(for_another(&head), read.clone());
                    own(head, ResponseBody::whole(read));
                    return Poll::Ready(Ok(Landing::Shared(Arc::new(shared))));
                }
            }
        }
    }
}

impl<S: Service<Request<B>>, B, D: Body> fmt::Debug for Lead<S, B, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Idle => "idle",
            Stage::Called { .. } => "called",
            Stage::Collecting { .. } => "collecting",
        })
    }
}
