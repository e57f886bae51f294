//! What runs on the task of a fetch: a call of the service, the verdict, and the body as it arrives.
//!
//! 1. It makes its instance of the service ready, and calls it.
//! 2. The head decides (`rules`). Not shared: the response is the first client's, as it streams, and the task is
//!    done. Shared: all have the head.
//! 3. It waits for room, asks for a frame, and gives it to all, until the body ends.
//! 4. However it ends, it tells the clients (`Task`): a panic goes to the first one, and a task that is dropped says
//!    that the fetch is gone.
//!
//! What if it is dropped: the clients are told first; then the response, or the call, is dropped, and the flight
//! leaves the map.

use std::{
    future::Future,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use coalesce_runtime::SharedError;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    body::{BoxError, to_bytes},
    fetch::Fetch,
    pause::Pause,
    reason::Reason,
    rules::Subject,
    state::{End, Others},
};
use crate::oneshot::Oneshot;

/// How a fetch ended, for its group.
pub(crate) type Landing = Result<Fetched, Failed>;

/// A response came.
#[derive(Debug, Clone)]
pub struct Fetched;

/// The service or the body failed.
#[derive(Debug, Clone)]
pub struct Failed;

/// After so many frames others are let to run.
const FRAMES: u32 = 32;

pin_project! {
    /// What a fetch does.
    pub struct Fetching<S, B, D>
    where
        S: Service<Request<B>>,
    {
        fetch: Arc<Fetch>,
        subject: Subject,
        pause: Pause,
        // Whether there is something that the clients were not woken for.
        told: bool,
        #[pin]
        stage: Stage<Oneshot<S, Request<B>>, D>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<C, D> {
        Calling { #[pin] call: C },
        Streaming { #[pin] body: D },
        Done,
    }
}

impl<S: Service<Request<B>>, B, D> Fetching<S, B, D> {
    pub(crate) fn new(fetch: Arc<Fetch>, subject: Subject, call: Oneshot<S, Request<B>>) -> Self {
        Self {
            fetch,
            subject,
            pause: Pause::default(),
            told: false,
            stage: Stage::Calling { call },
        }
    }
}

impl<S, B, D> Future for Fetching<S, B, D>
where
    S: Service<Request<B>, Response = Response<D>>,
    S::Error: Send + 'static,
    D: Body + Send + 'static,
    D::Error: Into<BoxError>,
{
    type Output = Landing;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Landing> {
        let polled = self.as_mut().poll_next(cx);
        let this = self.project();
        if mem::take(this.told) && polled.is_pending() {
            this.fetch.announce();
        }
        polled
    }
}

impl<S, B, D> Fetching<S, B, D>
where
    S: Service<Request<B>, Response = Response<D>>,
    S::Error: Send + 'static,
    D: Body + Send + 'static,
    D::Error: Into<BoxError>,
{
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Landing> {
        let this = self.project();
        let (mut stage, fetch) = (this.stage, this.fetch);
        let mut frames = 0;
        loop {
            match stage.as_mut().project() {
                StageProjection::Calling { call } => {
                    let result = ready!(call.poll(cx));
                    let (head, body) = match result {
                        Ok(response) => response.into_parts(),
                        Err(error) => {
                            stage.set(Stage::Done);
                            let result = Err::<Response<D>, S::Error>(error);
                            fetch.rules.count(Reason::Failed);
                            fetch.own(Box::new(result), Others::TryAgain);
                            return Poll::Ready(Err(Failed));
                        }
                    };
                    if let Some(reason) = fetch.rules.judge(&head, this.subject) {
                        stage.set(Stage::Done);
                        let response = Response::from_parts(head, body);
                        let result = Ok::<Response<D>, S::Error>(response);
                        fetch.own(Box::new(result), Others::RunTheirOwn(reason));
                        return Poll::Ready(Ok(Fetched));
                    }
                    let extensions = fetch.rules.extensions(&head);
                    fetch.share(head, extensions, body.size_hint());
                    *this.told = true;
                    stage.set(Stage::Streaming { body });
                }
                StageProjection::Streaming { body } => {
                    if body.is_end_stream() {
                        fetch.end(End::Complete);
                        return Poll::Ready(Ok(Fetched));
                    }
                    frames += 1;
                    if frames > FRAMES {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    ready!(fetch.poll_room(cx, this.pause));
                    match ready!(body.poll_frame(cx)) {
                        None => {
                            fetch.end(End::Complete);
                            return Poll::Ready(Ok(Fetched));
                        }
                        Some(Err(error)) => {
                            fetch.end(End::Failed(SharedError::new(error)));
                            return Poll::Ready(Err(Failed));
                        }
                        Some(Ok(frame)) => match frame.into_data() {
                            Ok(data) => {
                                let data = to_bytes(data);
                                if !data.is_empty() {
                                    fetch.push(data);
                                    *this.told = true;
                                }
                            }
                            Err(frame) => {
                                if let Ok(trailers) = frame.into_trailers() {
                                    fetch.push_trailers(trailers);
                                }
                            }
                        },
                    }
                }
                StageProjection::Done => unreachable!("a fetch that is over is not polled again"),
            }
        }
    }
}

pin_project! {
    /// The whole of the task: what it does, as the leader of its flight, and who is told of its end.
    pub(crate) struct Task<C> {
        told: Told,
        #[pin]
        call: C,
    }
}

/// Tells the clients, however it ends; nobody, when they have been told.
struct Told(Option<Arc<Fetch>>);

impl Told {
    fn tell(&mut self, end: End) {
        if let Some(fetch) = self.0.take() {
            fetch.end(end);
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.tell(End::Broken);
    }
}

impl<C> Task<C> {
    pub(crate) fn new(fetch: Arc<Fetch>, call: C) -> Self {
        let told = Told(Some(fetch));
        Self { told, call }
    }
}

impl<C: Future<Output = Landing>> Future for Task<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        match catch_unwind(AssertUnwindSafe(|| this.call.poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(_)) => {
                this.told.0 = None;
                Poll::Ready(())
            }
            Err(panic) => {
                this.told.tell(End::Panicked(Some(panic)));
                Poll::Ready(())
            }
        }
    }
}
