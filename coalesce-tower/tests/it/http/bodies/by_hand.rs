//! Bodies that a test sends by hand, and what their clients read.

use crate::support::origin::{answer, gets, turns};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::{
    HttpCoalesceLayer, HttpCoalesceService,
    http::{BodyError, ResponseBody},
};
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tokio_test::task;
use tower::{Layer, Service};

pub(super) type Piecemeal = ResponseBody<Channel<Bytes, io::Error>>;

/// Responses whose bodies are sent by hand.
#[derive(Clone, Default)]
pub(super) struct Senders(pub(super) Arc<Mutex<Vec<Sender<Bytes, io::Error>>>>);

impl Service<Request<Body>> for Senders {
    type Response = Response<Channel<Bytes, io::Error>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let (sender, body) = Channel::new(1 << 16);
        self.0.lock().unwrap().push(sender);
        let response = Response::builder().header("cache-control", "public");
        futures::future::ok(response.body(body).unwrap()).boxed()
    }
}

/// A layer above them.
pub(super) struct ByHand {
    pub(super) service: HttpCoalesceService<Senders, Body>,
    pub(super) senders: Senders,
}

impl ByHand {
    pub(super) fn new(layer: HttpCoalesceLayer<Body>) -> Self {
        let senders = Senders::default();
        let service = layer.layer(senders.clone());
        Self { service, senders }
    }

    pub(super) fn keeping(max_body: usize) -> Self {
        Self::new(HttpCoalesceLayer::new().max_body(max_body))
    }

    /// The bodies that so many get who ask at once.
    pub(super) async fn ask<const N: usize>(&mut self) -> [Piecemeal; N] {
        let mut bodies = Vec::new();
        let mut requests = gets::<N>().map(|request| task::spawn(self.service.call(request)));
        for request in &mut requests {
            // One that joins late has the head at once.
            if let Poll::Ready(response) = request.poll() {
                bodies.push(response.unwrap().into_body());
            }
        }
        for request in &mut requests[bodies.len()..] {
            bodies.push(answer(request).await.unwrap().into_body());
        }
        bodies.try_into().unwrap()
    }

    /// How many bodies were asked for.
    pub(super) fn asked_for(&self) -> usize {
        self.senders.0.lock().unwrap().len()
    }

    /// Sends a frame of a body, and lets the fetch have it.
    pub(super) async fn send(&self, index: usize, data: impl Into<Bytes>) {
        let sent = {
            let mut senders = self.senders.0.lock().unwrap();
            senders[index].send_data(data.into()).now_or_never()
        };
        sent.expect("there is room").expect("it is wanted");
        turns().await;
    }

    pub(super) async fn send_trailers(&self, index: usize, trailers: HeaderMap) {
        let sent = {
            let mut senders = self.senders.0.lock().unwrap();
            senders[index].send_trailers(trailers).now_or_never()
        };
        sent.expect("there is room").expect("they are wanted");
    }

    /// Takes the sending end of a body, and leaves another in its place.
    pub(super) fn take(&self, index: usize) -> Sender<Bytes, io::Error> {
        let (other, _) = Channel::new(1);
        std::mem::replace(&mut self.senders.0.lock().unwrap()[index], other)
    }

    pub(super) async fn end(&self, index: usize) {
        drop(self.take(index));
        turns().await;
    }
}

/// What comes next in a body, if it is there.
pub(super) fn next(body: &mut Piecemeal) -> Option<Option<Result<Bytes, BodyError>>> {
    let frame = body.frame().now_or_never();
    frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// The data that comes next, which must be there.
#[track_caller]
pub(super) fn data(body: &mut Piecemeal) -> Bytes {
    let next = next(body).expect("it is there");
    next.expect("more is to come").expect("it has not failed")
}

#[track_caller]
pub(super) fn waits(body: &mut Piecemeal) {
    assert!(next(body).is_none(), "nothing is there yet");
}

#[track_caller]
pub(super) fn ended(body: &mut Piecemeal) {
    assert!(matches!(next(body), Some(None)), "it is at its end");
}

/// A client that reads whatever comes, until the end.
pub(super) fn read_all(body: Piecemeal) -> tokio::task::JoinHandle<Result<usize, BodyError>> {
    tokio::spawn(async { Ok(body.collect().await?.to_bytes().len()) })
}
