//! What a head comes with, and says of its body.

use super::by_hand::{ByHand, data, ended};
use crate::support::origin::{Origin, answer, gets, public};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::HttpCoalesceLayer;
use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tokio_test::task;
use tower::{Layer, Service};

#[tokio::test]
async fn a_body_of_one_piece_is_not_copied_and_its_length_is_known() {
    static PIECE: &str = "one piece";
    let mut scene = ByHand::keeping(100);
    let mut bodies = scene.ask::<3>().await;
    scene.send(0, PIECE).await;
    scene.end(0).await;
    for body in &mut bodies {
        assert_eq!(body.size_hint().exact(), Some(9));
        assert!(!body.is_end_stream());
        assert_eq!(data(body).as_ptr(), PIECE.as_ptr());
        assert!(body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}

/// A head alone is a packet of its own, and TCP holds what follows back until it is acknowledged: 40 ms.
#[tokio::test]
async fn a_head_comes_with_what_is_there_of_its_body() {
    let pieces = || ["one ", "two ", "three"].map(Ok::<_, Infallible>);
    let mut scene = Origin::new(move |_| {
        let pieces = futures::stream::iter(pieces());
        public(Body::from_stream(pieces))
    })
    .coalesced();
    let (responses, _) = scene.ask_together(gets::<3>()).await;
    for response in responses {
        assert_eq!(response.body().size_hint().exact(), Some(13));
    }
}

/// Nor does a client on another thread have the head before: it would send it alone.
#[tokio::test]
async fn nobody_has_a_head_while_its_body_is_still_being_asked() {
    type Client = task::Spawn<BoxFuture<'static, Result<(), Infallible>>>;

    /// Has a client look while a frame is asked for.
    struct Peeks(usize, Arc<Mutex<Option<Client>>>);

    impl http_body::Body for Peeks {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let mut client = self.1.lock().unwrap();
            assert!(client.as_mut().unwrap().poll().is_pending());
            drop(client);
            self.0 -= 1;
            Poll::Ready((self.0 > 0).then(|| Ok(Frame::data("frame".into()))))
        }
    }

    let client = Arc::<Mutex<Option<Client>>>::default();
    let inner = tower::service_fn({
        let client = Arc::clone(&client);
        move |_: Request<Body>| {
            let client = Arc::clone(&client);
            async {
                let response = Response::builder().header("cache-control", "public");
                Ok::<_, Infallible>(response.body(Peeks(4, client)).unwrap())
            }
        }
    });
    let mut service = HttpCoalesceLayer::new().layer(inner);
    let [first, second] = gets().map(|request| service.call(request));
    *client.lock().unwrap() = Some(task::spawn(second.map_ok(drop).boxed()));
    let body = first.await.unwrap().into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "frame".repeat(3));
    let second = client.lock().unwrap().take();
    assert!(answer(&mut second.unwrap()).await.is_ok());
}

#[tokio::test]
async fn an_empty_body_is_at_its_end_for_everybody() {
    let mut scene = ByHand::keeping(100);
    let bodies = scene.ask::<2>().await;
    scene.end(0).await;
    for body in bodies {
        assert!(body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}

/// What has come was taken for what is still to come.
#[tokio::test]
async fn no_more_is_announced_than_is_known_to_come() {
    let mut scene = ByHand::keeping(100);
    let [mut body] = scene.ask().await;
    scene.send(0, "some").await;
    assert_eq!(body.size_hint().lower(), 4);
    assert_eq!(data(&mut body), "some");
    assert_eq!(
        (body.size_hint().lower(), body.size_hint().upper()),
        (0, None)
    );
    scene.end(0).await;
    ended(&mut body);
}
