//! An HTTP service that waits at a gate, and what its clients do.

use crate::support::{Gate, Scene};
use axum::body::Body;
use coalesced::tower::{HttpCoalesceLayer, HttpCoalesceService, http::ResponseBody};
use futures::FutureExt;
use http::{Request, Response, request};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio_test::{assert_pending, task::Spawn};
use tower::{Layer, Service};

/// Answers each request as a function says, when the gate is open.
pub(crate) struct Origin<F> {
    pub(crate) gate: Arc<Gate>,
    answer: Arc<F>,
}

impl<F> Origin<F>
where
    F: Fn(&Request<Body>) -> Response<Body> + Send + Sync + 'static,
{
    pub(crate) fn new(answer: F) -> Self {
        Self {
            gate: Gate::closed(),
            answer: Arc::new(answer),
        }
    }

    /// Below a layer that shares by method and URI alone.
    pub(crate) fn coalesced(self) -> Scene<HttpCoalesceService<Self, Body>> {
        self.below(HttpCoalesceLayer::new())
    }

    pub(crate) fn below<L: Layer<Self>>(self, layer: L) -> Scene<L::Service> {
        let gate = Arc::clone(&self.gate);
        Scene {
            service: layer.layer(self),
            gate,
        }
    }
}

impl<F> Clone for Origin<F> {
    fn clone(&self) -> Self {
        Self {
            gate: Arc::clone(&self.gate),
            answer: Arc::clone(&self.answer),
        }
    }
}

impl<F> Service<Request<Body>> for Origin<F>
where
    F: Fn(&Request<Body>) -> Response<Body> + Send + Sync + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (gate, answer) = (Arc::clone(&self.gate), Arc::clone(&self.answer));
        Box::pin(async move {
            gate.pass().await;
            Ok(answer(&request))
        })
    }
}

/// A request without a body.
pub(crate) fn request(builder: request::Builder) -> Request<Body> {
    builder.body(Body::empty()).unwrap()
}

/// `GET /`
pub(crate) fn get() -> request::Builder {
    Request::get("/")
}

/// Requests that are the same: `GET /`.
pub(crate) fn gets<const N: usize>() -> [Request<Body>; N] {
    [(); N].map(|()| request(get()))
}

/// A response that anybody may have.
pub(crate) fn public(text: impl Into<Body>) -> Response<Body> {
    marked("public", text)
}

pub(crate) fn marked(cache_control: &str, text: impl Into<Body>) -> Response<Body> {
    Response::builder()
        .header("cache-control", cache_control)
        .body(text.into())
        .unwrap()
}

/// What is in a response that is there.
pub(crate) fn text(response: Response<ResponseBody<Body>>) -> String {
    let collected = response.into_body().collect().now_or_never();
    let bytes = collected.expect("it is there").expect("it has not failed");
    String::from_utf8(bytes.to_bytes().into()).unwrap()
}

impl<F, K> Scene<HttpCoalesceService<Origin<F>, Body, K>>
where
    F: Fn(&Request<Body>) -> Response<Body> + Send + Sync + 'static,
    K: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
{
    /// What those get who ask at the same time, in this order, and how many of them the origin answered.
    pub(crate) async fn ask_together(
        &mut self,
        requests: impl IntoIterator<Item = Request<Body>>,
    ) -> (Vec<Response<ResponseBody<Body>>>, usize) {
        let before = self.gate.bodies_started();
        self.gate.close();
        let mut requests: Vec<_> = requests
            .into_iter()
            .map(|request| self.call(request))
            .collect();
        for request in &mut requests {
            assert_pending!(request.poll());
        }
        self.gate.open();
        let mut responses = Vec::new();
        for request in &mut requests {
            responses.push(answer(request).await.unwrap());
        }
        (responses, self.gate.bodies_started() - before)
    }
}

/// Lets fetches run, which are on tasks of their own.
pub(crate) async fn turns() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

/// What comes of a task that is polled when it asks for it, while others run.
pub(crate) async fn answer<F: Future>(task: &mut Spawn<F>) -> F::Output {
    for turn in 0.. {
        assert!(turn < 10_000, "nothing comes");
        if turn == 0 || task.is_woken() {
            if let Poll::Ready(output) = task.poll() {
                return output;
            }
        }
        tokio::task::yield_now().await;
    }
    unreachable!()
}
