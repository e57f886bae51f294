//! The future of a request.

use std::{
    fmt,
    future::Future,
    hash::Hash,
    panic::resume_unwind,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use coalesce_runtime::private::{OwnedPlace, Whole};
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use super::{
    body::{BoxError, ResponseBody},
    client::{Answer, Client},
    key::RequestKey,
    policy::Policy,
    reason::Reason,
    rules::Subject,
    task::{Fetching, Landing},
};
use crate::oneshot::Oneshot;

pin_project! {
    /// A request of a [`HttpCoalesceService`](super::HttpCoalesceService): it joins when it is first
    /// polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ResponseFuture<S, B, D, K>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        stage: Stage<S, B, D, K>,
        // What it runs by itself, if it comes to that, or has a fetch run.
        own: Option<(S, Request<B>)>,
        // None: it is left alone.
        key: Option<K>,
        policy: Arc<Policy<B, K>>,
    }
}

pub(super) type Place<S, B, D, K> = OwnedPlace<Whole, RequestKey<K>, Landing, Fetching<S, B, D>>;

/// The place of who followed, and the outcome of that, for those who trace it.
pub(super) type Before<S, B, D, K> = (Place<S, B, D, K>, &'static str);

pin_project! {
    #[project = StageProjection]
    #[project_replace = Replaced]
    pub(super) enum Stage<S, B, D, K>
    where
        S: Service<Request<B>>,
    {
        Idle,
        // It has a part in a fetch.
        Waiting { waiting: Waiting<S, B, D, K> },
        // It runs its own; `place`: as a call of the group; `subject`: the response is looked at, to be remembered.
        Alone {
            place: Option<Place<S, B, D, K>>,
            subject: Option<Subject>,
            #[pin]
            call: Oneshot<S, Request<B>>,
        },
        Done,
    }
}

/// A client of a fetch, before the head has come.
pub(super) struct Waiting<S, B, D, K>
where
    S: Service<Request<B>>,
{
    /// As a follower, if it is none that opened the fetch.
    pub(super) place: Option<Place<S, B, D, K>>,
    pub(super) client: Client,
    /// Whether it has waited for another fetch before: it looks for no third one, lest a dead backend make a queue of
    /// those who wait.
    pub(super) again: bool,
    /// How long it waits, where there is a limit.
    pub(super) patience: Option<Pin<Box<Sleep>>>,
}

impl<S, B, D, K> ResponseFuture<S, B, D, K>
where
    S: Service<Request<B>>,
{
    pub(crate) fn new(
        key: Option<K>,
        service: S,
        request: Request<B>,
        policy: Arc<Policy<B, K>>,
    ) -> Self {
        let (stage, own) = match key {
            Some(_) => (Stage::Idle, Some((service, request))),
            None => (Stage::alone(None, (service, request), None), None),
        };
        Self {
            stage,
            own,
            key,
            policy,
        }
    }
}

impl<S, B, D, K> Stage<S, B, D, K>
where
    S: Service<Request<B>>,
{
    pub(super) fn alone(
        place: Option<Place<S, B, D, K>>,
        own: (S, Request<B>),
        subject: Option<Subject>,
    ) -> Self {
        let (service, request) = own;
        let call = Oneshot::new(service, request);
        Self::Alone {
            place,
            subject,
            call,
        }
    }
}

impl<S, B, D, K> Future for ResponseFuture<S, B, D, K>
where
    S: Service<Request<B>, Response = Response<D>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
    D: Body + Send + 'static,
    D::Error: Into<BoxError>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    type Output = Result<Response<ResponseBody<D>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut stage = this.stage;
        loop {
            let answer = match stage.as_mut().project() {
                StageProjection::Idle => {
                    let joined = Stage::join(this.policy, this.key.as_ref(), this.own, None);
                    stage.set(joined);
                    continue;
                }
                StageProjection::Waiting { waiting } => match waiting.client.poll_head(cx) {
                    Poll::Ready(answer) => answer,
                    Poll::Pending => {
                        let Some(patience) = &mut waiting.patience else {
                            return Poll::Pending;
                        };
                        ready!(patience.as_mut().poll(cx));
                        // It has waited long enough, and so do others who are there or come.
                        waiting.client.fetch().close();
                        Answer::TryAgain("max_wait")
                    }
                },
                StageProjection::Alone {
                    place,
                    subject,
                    call,
                } => {
                    let result = match place {
                        Some(place) => ready!(place.run(|| call.poll(cx))),
                        None => ready!(call.poll(cx)),
                    };
                    if let Some(place) = place.take() {
                        place.ran(result.is_err());
                    }
                    if let (Some(subject), Ok(response)) = (subject, &result) {
                        let (status, headers) = (response.status(), response.headers());
                        this.policy.rules.learn(status, headers, subject);
                    }
                    return Poll::Ready(result.map(|it| it.map(ResponseBody::through)));
                }
                StageProjection::Done => panic!("a request was polled again after its end"),
            };
            let Replaced::Waiting { waiting } = stage.as_mut().project_replace(Stage::Done) else {
                unreachable!("it has waited for this answer")
            };
            let Waiting {
                place,
                client,
                again,
                ..
            } = waiting;
            let (reason, outcome) = match answer {
                Answer::Head(head) => {
                    if let Some(place) = place {
                        place.finish();
                    }
                    let body = ResponseBody::shared(client);
                    return Poll::Ready(Ok(Response::from_parts(head, body)));
                }
                Answer::Own(own) => {
                    let Ok(own) = own.downcast::<Result<Response<D>, S::Error>>() else {
                        unreachable!("the fetch is of the service's types")
                    };
                    return Poll::Ready(own.map(|it| it.map(ResponseBody::through)));
                }
                Answer::Panicked(panic) => resume_unwind(panic),
                Answer::TryAgain(outcome) if !again => {
                    let before = place.map(|place| (place, outcome));
                    let joined = Stage::join(this.policy, this.key.as_ref(), this.own, before);
                    stage.set(joined);
                    continue;
                }
                Answer::TryAgain(outcome) => (Reason::Failed, outcome),
                Answer::RunYourOwn(reason) => (reason, "landed"),
            };
            let Some(place) = place else {
                panic!("the runtime on which a request ran has shut down")
            };
            let before = Some((place, outcome));
            let alone = Stage::go_alone(this.policy, reason, this.own, before, None);
            stage.set(alone);
        }
    }
}

impl<S, B, D, K> fmt::Debug for ResponseFuture<S, B, D, K>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
