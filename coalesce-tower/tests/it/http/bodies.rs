//! Bodies: collected, too large, failing, slow, with trailers.

use crate::support::{
    Gate,
    origin::{get, gets, request},
    pending, settle,
};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::{HttpCoalesceLayer, http::ResponseBody};
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body as _;
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};
use tokio_test::{
    assert_pending, assert_ready,
    task::{self, Spawn},
};
use tower::{Layer, Service, service_fn, util::BoxCloneService};

type Piecemeal = Response<ResponseBody<Channel<Bytes, io::Error>>>;

/// A service below a layer, whose responses' bodies are sent by hand.
struct ByHand {
    service: BoxCloneService<Request<Body>, Piecemeal, Infallible>,
    /// The sending ends of the bodies that were asked for.
    senders: Arc<Mutex<Vec<Sender<Bytes, io::Error>>>>,
}

impl ByHand {
    fn new(max_body: usize) -> Self {
        let senders = Arc::<Mutex<Vec<_>>>::default();
        let inner = {
            let senders = Arc::clone(&senders);
            service_fn(move |_: Request<Body>| {
                let (sender, body) = Channel::new(16);
                senders.lock().unwrap().push(sender);
                async move {
                    let builder = Response::builder().header("cache-control", "public");
                    Ok::<_, Infallible>(builder.body(body).unwrap())
                }
            })
        };
        let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).max_body(max_body);
        Self {
            service: BoxCloneService::new(layer.layer(inner)),
            senders,
        }
    }

    /// So many equal requests that wait.
    fn ask<const N: usize>(
        &mut self,
    ) -> [Spawn<BoxFuture<'static, Result<Piecemeal, Infallible>>>; N] {
        pending(&mut self.service, gets())
    }

    /// How many bodies were asked for.
    fn asked_for(&self) -> usize {
        self.senders.lock().unwrap().len()
    }

    fn send(&self, index: usize, data: &'static str) {
        let mut senders = self.senders.lock().unwrap();
        let sent = senders[index].send_data(data.into()).now_or_never();
        sent.expect("there is room").expect("it is wanted");
    }

    fn send_trailers(&self, index: usize, trailers: &HeaderMap) {
        let mut senders = self.senders.lock().unwrap();
        let sent = senders[index]
            .send_trailers(trailers.clone())
            .now_or_never();
        sent.expect("there is room").expect("they are wanted");
    }

    /// The sending end, and another in its place.
    fn take(&self, index: usize) -> Sender<Bytes, io::Error> {
        let (other, _) = Channel::new(1);
        std::mem::replace(&mut self.senders.lock().unwrap()[index], other)
    }

    fn end(&self, index: usize) {
        drop(self.take(index));
    }
}

#[test]
fn a_body_in_pieces_is_collected() {
    let mut scene = ByHand::new(100);
    let mut requests = scene.ask::<3>();
    for piece in ["one ", "two ", "three"] {
        scene.send(0, piece);
        assert_pending!(requests[0].poll());
        assert!(!requests[1].is_woken());
    }
    scene.end(0);
    for request in &mut requests {
        let body = assert_ready!(settle(request)).unwrap().into_body();
        assert_eq!(body.size_hint().exact(), Some(13));
        assert!(!body.is_end_stream());
        let bytes = body.collect().now_or_never().unwrap().unwrap().to_bytes();
        assert_eq!(bytes, "one two three");
    }
    assert_eq!(scene.asked_for(), 1);
}

#[test]
fn a_body_of_one_piece_is_not_copied() {
    static PIECE: &str = "one piece";
    let mut scene = ByHand::new(100);
    let mut requests = scene.ask::<3>();
    scene.send(0, PIECE);
    scene.end(0);
    for request in &mut requests {
        let mut body = assert_ready!(settle(request)).unwrap().into_body();
        let frame = body.frame().now_or_never().unwrap().unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap().as_ptr(), PIECE.as_ptr());
    }
}

#[test]
fn a_body_that_is_too_large_streams_through_and_the_others_run_their_own() {
    let mut scene = ByHand::new(8);
    let mut requests = scene.ask::<3>();
    scene.send(0, "12345678");
    assert_pending!(requests[0].poll());
    scene.send(0, "9");
    // It is not at its end, and its reader has not even begun.
    let mut first = assert_ready!(requests[0].poll()).unwrap().into_body();
    assert_eq!(first.size_hint().lower(), 9);
    for request in &mut requests[1..] {
        assert!(request.is_woken());
        assert!(assert_ready!(settle(request)).is_ok());
    }
    assert_eq!(scene.asked_for(), 3);

    let next = |body: &mut ResponseBody<_>| {
        let frame = body.frame().now_or_never();
        frame.map(|frame| frame.map(|frame| frame.unwrap().into_data().unwrap()))
    };
    assert_eq!(next(&mut first), Some(Some("123456789".into())));
    assert_eq!(next(&mut first), None, "it streams");
    scene.send(0, "and more");
    assert_eq!(next(&mut first), Some(Some("and more".into())));
    scene.end(0);
    assert_eq!(next(&mut first), Some(None));

    // It is remembered: nobody waits.
    let mut later = gets::<2>().map(|request| task::spawn(scene.service.call(request)));
    for request in &mut later {
        assert!(assert_ready!(request.poll()).is_ok());
    }
    assert_eq!(scene.asked_for(), 5);
}

#[test]
fn a_body_that_says_that_it_is_too_large_is_not_even_read() {
    let gate = Gate::opened();
    let inner = service_fn(async |_: Request<Body>| {
        drop(gate.body());
        let builder = Response::builder().header("cache-control", "public");
        Ok::<_, Infallible>(builder.body(Body::from("too large")).unwrap())
    });
    let layer = HttpCoalesceLayer::new(|_: &Request<Body>| ()).max_body(8);
    let mut service = layer.layer(inner);
    let mut request = task::spawn(service.call(request(get())));
    let body = assert_ready!(request.poll()).unwrap().into_body();
    assert_eq!(format!("{body:?}"), "streaming");
    assert_eq!(body.size_hint().exact(), Some(9));
    assert_eq!(
        body.collect().now_or_never().unwrap().unwrap().to_bytes(),
        "too large"
    );
}

#[test]
fn a_body_that_fails_is_its_own_requests_and_one_of_the_others_goes_on() {
    let mut scene = ByHand::new(100);
    let mut requests = scene.ask::<3>();
    scene.send(0, "some");
    assert_pending!(requests[0].poll());
    scene.take(0).abort(io::Error::other("the disk is gone"));
    let mut body = assert_ready!(requests[0].poll()).unwrap().into_body();
    assert!(!body.is_end_stream());
    let mut next = || body.frame().now_or_never().unwrap();
    assert_eq!(next().unwrap().unwrap().into_data().unwrap(), "some");
    assert_eq!(next().unwrap().unwrap_err().to_string(), "the disk is gone");
    assert!(next().is_none());

    let [_, second, third] = &mut requests;
    assert_pending!(settle(second));
    assert_pending!(settle(third));
    assert_eq!(scene.asked_for(), 2, "one at a time");
    scene.send(1, "all");
    scene.end(1);
    for request in [second, third] {
        let body = assert_ready!(settle(request)).unwrap().into_body();
        assert_eq!(
            body.collect().now_or_never().unwrap().unwrap().to_bytes(),
            "all"
        );
    }
}

#[test]
fn trailers_are_kept_and_the_length_is_not_announced() {
    let mut scene = ByHand::new(100);
    let mut requests = scene.ask::<2>();
    scene.send(0, "data");
    let trailers: HeaderMap = [("x-sum".parse().unwrap(), HeaderValue::from_static("4"))]
        .into_iter()
        .collect();
    scene.send_trailers(0, &trailers);
    scene.end(0);
    for request in &mut requests {
        let body = assert_ready!(settle(request)).unwrap().into_body();
        // Else HTTP/1 would announce it, and send no trailers.
        assert_eq!(body.size_hint().exact(), None);
        let collected = body.collect().now_or_never().unwrap().unwrap();
        assert_eq!(collected.trailers(), Some(&trailers));
    }
}

#[test]
fn trailers_alone_are_kept() {
    let mut scene = ByHand::new(0);
    let mut requests = scene.ask::<2>();
    scene.send_trailers(0, &HeaderMap::new());
    scene.end(0);
    for request in &mut requests {
        let body = assert_ready!(settle(request)).unwrap().into_body();
        assert!(!body.is_end_stream());
        let collected = body.collect().now_or_never().unwrap().unwrap();
        assert_eq!(collected.trailers(), Some(&HeaderMap::new()));
    }
}

#[test]
fn a_slow_reader_holds_nobody_up() {
    let mut scene = ByHand::new(100);
    let [mut slow, mut fast] = scene.ask();
    scene.send(0, "data");
    scene.end(0);
    let unread = assert_ready!(slow.poll()).unwrap();
    let body = assert_ready!(fast.poll()).unwrap().into_body();
    assert_eq!(
        body.collect().now_or_never().unwrap().unwrap().to_bytes(),
        "data"
    );
    drop(unread);
}

#[test]
fn an_empty_body_is_at_its_end_for_everybody() {
    let mut scene = ByHand::new(100);
    let mut requests = scene.ask::<2>();
    scene.end(0);
    for request in &mut requests {
        let body = assert_ready!(settle(request)).unwrap().into_body();
        assert!(body.is_end_stream());
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}
