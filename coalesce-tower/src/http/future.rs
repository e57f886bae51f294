//! The future of a request.

use std::{
    fmt,
    future::Future,
    hash::Hash,
    mem,
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
        stage: Stage<S, B, D, K>,
        // What it runs by itself, if it comes to that, or has a fetch run.
        #[pin]
        own: Oneshot<S, Request<B>>,
        // None: it is left alone.
        asked: Option<Asked<B, K>>,
    }
}

/// With which key it joins, and where.
pub(super) struct Asked<B, K> {
    pub(super) key: K,
    pub(super) policy: Arc<Policy<B, K>>,
}

pub(super) type Own<'a, S, B> = Pin<&'a mut Oneshot<S, Request<B>>>;

pub(super) type Place<S, B, D, K> = OwnedPlace<Whole, RequestKey<K>, Landing, Fetching<S, B, D>>;

/// The place of who followed, and the outcome of that, for those who trace it.
pub(super) type Before<S, B, D, K> = (Place<S, B, D, K>, &'static str);

pub(super) enum Stage<S, B, D, K>
where
    S: Service<Request<B>>,
{
    Idle,
    /// It has a part in a fetch.
    Waiting(Waiting<S, B, D, K>),
    /// It runs its own.
    Alone {
        /// As a call of the group.
        place: Option<Place<S, B, D, K>>,
        /// The response is looked at, to be remembered.
        subject: Option<Subject>,
    },
    Done,
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
    /// Is left alone.
    pub(crate) fn alone(service: S, request: Request<B>) -> Self {
        Self {
            stage: Stage::Alone {
                place: None,
                subject: None,
            },
            own: Oneshot::new(service, request),
            asked: None,
        }
    }

    /// Joins.
    pub(crate) fn joining(
        key: K,
        policy: Arc<Policy<B, K>>,
        service: S,
        request: Request<B>,
    ) -> Self {
        Self {
            stage: Stage::Idle,
            own: Oneshot::new(service, request),
            asked: Some(Asked { key, policy }),
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
        let (stage, mut own) = (this.stage, this.own);
        loop {
            let answer = match stage {
                Stage::Alone { place, subject } => {
                    let result = match place {
                        Some(place) => ready!(place.run(|| own.poll(cx))),
                        None => ready!(own.poll(cx)),
                    };
                    if let Some(place) = place.take() {
                        place.ran(result.is_err());
                    }
                    if let (Some(subject), Some(asked), Ok(response)) =
                        (subject, this.asked, &result)
                    {
                        let (status, headers) = (response.status(), response.headers());
                        asked.policy.rules.learn(status, headers, subject);
                    }
                    return Poll::Ready(result.map(|it| it.map(ResponseBody::through)));
                }
                Stage::Idle => {
                    *stage = asked(this.asked).join(own.as_mut(), None);
                    continue;
                }
                Stage::Waiting(waiting) => match waiting.client.poll_head(cx) {
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
                Stage::Done => panic!("a request was polled again after its end"),
            };
            let Stage::Waiting(waiting) = mem::replace(stage, Stage::Done) else {
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
                    *stage = asked(this.asked).join(own.as_mut(), before);
                    continue;
                }
                Answer::TryAgain(outcome) => (Reason::Failed, outcome),
                Answer::RunYourOwn(reason) => (reason, "landed"),
            };
            let Some(place) = place else {
                panic!("the runtime on which a request ran has shut down")
            };
            let before = Some((place, outcome));
            *stage = asked(this.asked).go_alone(reason, before, None);
        }
    }
}

fn asked<B, K>(asked: &Option<Asked<B, K>>) -> &Asked<B, K> {
    let Some(asked) = asked else {
        unreachable!("who joins has a key")
    };
    asked
}

impl<S, B, D, K> fmt::Debug for ResponseFuture<S, B, D, K>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
