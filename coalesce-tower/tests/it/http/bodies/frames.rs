//! What all have of a body: each frame when it comes, its trailers, and how it fails.

use super::by_hand::{ByHand, data, ended, next, waits};
use crate::support::origin::{answer, gets, public, turns};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::HttpCoalesceLayer;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Request};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    error::Error,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};
use tokio_test::task;
use tower::{Layer, Service};

#[tokio::test]
async fn each_frame_is_given_to_all_when_it_comes() {
    let mut scene = ByHand::keeping(100);
    let mut bodies = scene.ask::<3>().await;
    bodies.iter_mut().for_each(waits);
    for piece in ["one ", "two ", "three"] {
        scene.send(0, piece).await;
        for body in &mut bodies {
            assert_eq!(data(body), piece);
            waits(body);
        }
    }
    scene.end(0).await;
    bodies.iter_mut().for_each(ended);
    assert_eq!(scene.asked_for(), 1);
}

#[tokio::test]
async fn a_body_that_fails_fails_for_all_who_share_it() {
    let mut scene = ByHand::keeping(100);
    let mut bodies = scene.ask::<3>().await;
    scene.send(0, "some").await;
    scene.take(0).abort(io::Error::other("the disk is gone"));
    turns().await;
    for body in &mut bodies {
        assert!(!body.is_end_stream());
        assert_eq!(data(body), "some");
        let error = next(body).unwrap().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone");
        assert!(error.source().unwrap().is::<io::Error>());
        ended(body);
    }
    let stats = scene.service.group().stats();
    assert_eq!((stats.errors, stats.in_flight), (1, 0));
}

#[tokio::test]
async fn trailers_are_given_to_all_and_the_length_is_not_announced() {
    for sent in ["data", ""] {
        let mut scene = ByHand::keeping(100);
        let bodies = scene.ask::<2>().await;
        scene.send(0, sent).await;
        let trailers: HeaderMap = [("x-sum".parse().unwrap(), HeaderValue::from_static("4"))]
            .into_iter()
            .collect();
        scene.send_trailers(0, trailers.clone()).await;
        scene.end(0).await;
        for body in bodies {
            // Else HTTP/1 would announce it, and send no trailers.
            assert_eq!(body.size_hint().exact(), None);
            assert!(!body.is_end_stream());
            let collected = body.collect().now_or_never().unwrap().unwrap();
            assert_eq!(collected.trailers(), Some(&trailers));
            assert_eq!(collected.to_bytes(), sent);
        }
    }
}

/// A body that is never pending, and counts how often it was asked.
struct Eager(Arc<AtomicUsize>);

impl http_body::Body for Eager {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let asked = self.0.fetch_add(1, SeqCst);
        Poll::Ready((asked < 100_000).then(|| Ok(Frame::data("a piece".into()))))
    }
}

/// Else its thread would have nothing for others until it ends.
#[tokio::test]
async fn a_body_that_is_always_ready_lets_others_run() {
    let asked = Arc::<AtomicUsize>::default();
    let inner = tower::service_fn({
        let asked = Arc::clone(&asked);
        move |_: Request<Body>| {
            let mut response = public("");
            *response.body_mut() = Body::new(Eager(Arc::clone(&asked)));
            async { Ok::<_, Infallible>(response) }
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let [request] = gets();
    let mut client = task::spawn(service.call(request));
    let body = answer(&mut client).await.unwrap().into_body();
    let mut before = asked.load(SeqCst);
    assert!(before > 0);
    for _ in 0..10 {
        // Which lets the others run some dozens of times.
        tokio::task::yield_now().await;
        let now = asked.load(SeqCst);
        assert!(before < now && now - before < 10_000, "{before} to {now}");
        before = now;
    }
    assert_eq!(body.collect().await.unwrap().to_bytes().len(), 700_000);
}
