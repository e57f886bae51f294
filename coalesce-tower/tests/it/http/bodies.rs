//! Bodies that stream to all: in each client's pace, kept up to a size, failing, with trailers.

use crate::support::origin::{Origin, answer, gets, public, turns};
use axum::body::Body;
use bytes::Bytes;
use coalesced::tower::{
    HttpCoalesceLayer, HttpCoalesceService,
    http::{BodyError, ResponseBody},
};
use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use std::{
    convert::Infallible,
    error::Error,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::advance;
use tokio_test::task;
use tower::{Layer, Service};

type Piecemeal = ResponseBody<Channel<Bytes, io::Error>>;

/// Responses whose bodies are sent by hand.
#[derive(Clone, Default)]
struct Senders(Arc<Mutex<Vec<Sender<Bytes, io::Error>>>>);

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
struct ByHand {
    service: HttpCoalesceService<Senders, Body>,
    senders: Senders,
}

impl ByHand {
    fn new(layer: HttpCoalesceLayer<Body>) -> Self {
        let senders = Senders::default();
        let service = layer.layer(senders.clone());
        Self { service, senders }
    }

    fn keeping(max_body: usize) -> Self {
        Self::new(HttpCoalesceLayer::new().max_body(max_body))
    }

    /// The bodies that so many get who ask at once.
    async fn ask<const N: usize>(&mut self) -> [Piecemeal; N] {
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
    fn asked_for(&self) -> usize {
        self.senders.0.lock().unwrap().len()
    }

    /// Sends a frame of a body, and lets the fetch have it.
    async fn send(&self, index: usize, data: impl Into<Bytes>) {
        let sent = {
            let mut senders = self.senders.0.lock().unwrap();
            senders[index].send_data(data.into()).now_or_never()
        };
        sent.expect("there is room").expect("it is wanted");
        turns().await;
    }

    async fn send_trailers(&self, index: usize, trailers: HeaderMap) {
        let sent = {
            let mut senders = self.senders.0.lock().unwrap();
            senders[index].send_trailers(trailers).now_or_never()
        };
        sent.expect("there is room").expect("they are wanted");
    }

    /// Takes the sending end of a body, and leaves another in its place.
    fn take(&self, index: usize) -> Sender<Bytes, io::Error> {
        let (other, _) = Channel::new(1);
        std::mem::replace(&mut self.senders.0.lock().unwrap()[index], other)
    }

    async fn end(&self, index: usize) {
        drop(self.take(index));
        turns().await;
    }
}

/// What comes next in a body, if it is there.
fn next(body: &mut Piecemeal) -> Option<Option<Result<Bytes, BodyError>>> {
    let frame = body.frame().now_or_never();
    frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// The data that comes next, which must be there.
#[track_caller]
fn data(body: &mut Piecemeal) -> Bytes {
    let next = next(body).expect("it is there");
    next.expect("more is to come").expect("it has not failed")
}

#[track_caller]
fn waits(body: &mut Piecemeal) {
    assert!(next(body).is_none(), "nothing is there yet");
}

#[track_caller]
fn ended(body: &mut Piecemeal) {
    assert!(matches!(next(body), Some(None)), "it is at its end");
}

/// A client that reads whatever comes, until the end.
fn read_all(body: Piecemeal) -> tokio::task::JoinHandle<Result<usize, BodyError>> {
    tokio::spawn(async { Ok(body.collect().await?.to_bytes().len()) })
}

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
async fn a_newcomer_has_it_from_the_beginning_until_that_is_gone() {
    let mut scene = ByHand::keeping(8);
    let [mut first] = scene.ask().await;
    for piece in ["1234", "5678"] {
        scene.send(0, piece).await;
        assert_eq!(data(&mut first), piece);
    }
    let [mut second] = scene.ask().await;
    assert_eq!(
        (data(&mut second), scene.asked_for()),
        ("12345678".into(), 1)
    );
    scene.send(0, "9").await;
    for body in [&mut first, &mut second] {
        assert_eq!(data(body), "9");
    }
    // The beginning is gone: what is kept would be more than eight bytes.
    let [mut third] = scene.ask().await;
    assert_eq!(scene.asked_for(), 2);
    scene.send(1, "anew").await;
    assert_eq!(data(&mut third), "anew");
    scene.send(0, "0").await;
    scene.end(0).await;
    for body in [&mut first, &mut second] {
        assert_eq!(data(body), "0");
        ended(body);
    }
    // And one that is at its end is not joined, even if all of it is still kept.
    scene.end(1).await;
    let [_fourth] = scene.ask().await;
    assert_eq!(scene.asked_for(), 3);
}

#[tokio::test]
async fn a_large_body_is_kept_in_part() {
    let mut scene = ByHand::keeping(1 << 20);
    let bodies = scene.ask::<50>().await;
    let readers = bodies.map(read_all);
    let piece = Bytes::from(vec![7; 64 << 10]);
    let mut most = 0;
    for _ in 0..320 {
        scene.send(0, piece.clone()).await;
        most = most.max(scene.service.memory());
    }
    scene.end(0).await;
    for reader in readers {
        assert_eq!(reader.await.unwrap().unwrap(), 20 << 20);
    }
    assert!(most < 1_200 << 10, "{most} bytes of 20 MiB were kept");
    assert_eq!(scene.service.memory(), 0);
}

/// Four of these held 254 MiB.
#[tokio::test]
async fn a_body_in_pieces_of_one_byte_takes_little_more_than_its_bytes() {
    let mut scene = ByHand::keeping(1 << 20);
    let [mut first, second] = scene.ask().await;
    let mut read = 0;
    for _ in 0..10_000 {
        // No more than Tokio's budget for one poll of a test.
        for _ in 0..100 {
            let mut senders = scene.senders.0.lock().unwrap();
            let sent = senders[0].send_data("a".into()).now_or_never();
            sent.unwrap().unwrap();
        }
        turns().await;
        read += usize::from(next(&mut first).is_some());
    }
    let memory = scene.service.memory();
    assert!((1_000_000..1_100_000).contains(&memory), "{memory}");
    assert!(read > 100);
    scene.end(0).await;
    let second = second.collect().await.unwrap().to_bytes();
    assert_eq!(second.len(), 1_000_000);
    drop(first);
    assert_eq!(scene.service.memory(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_holds_the_others_up_for_a_while_and_then_its_body_fails() {
    let mut scene = ByHand::new(
        HttpCoalesceLayer::new()
            .max_body(8)
            .max_lag(Duration::from_secs(5)),
    );
    let mut bodies = scene.ask::<51>().await;
    let [slow, fast @ ..] = &mut bodies;
    for piece in ["1234", "5678", "9abc", "defg"] {
        scene.send(0, piece).await;
    }
    for body in fast.iter_mut() {
        assert_eq!(data(body), "123456789abc");
        waits(body);
    }
    advance(Duration::from_millis(4_990)).await;
    turns().await;
    fast.iter_mut().for_each(waits);
    advance(Duration::from_millis(20)).await;
    turns().await;
    for body in fast.iter_mut() {
        assert_eq!(data(body), "defg");
    }
    scene.end(0).await;
    fast.iter_mut().for_each(ended);
    let error = next(slow).unwrap().unwrap().unwrap_err();
    assert!(error.is_too_slow(), "{error}");
    ended(slow);
    assert_eq!(scene.asked_for(), 1);
}

/// It reads, but always just before its time is up.
#[tokio::test(start_paused = true)]
async fn a_client_that_trickles_does_not_hold_the_others_up_for_ever() {
    let mut scene = ByHand::new(
        HttpCoalesceLayer::new()
            .max_body(64 << 10)
            .max_lag(Duration::from_secs(5)),
    );
    let [mut slow, fast] = scene.ask().await;
    let fast = read_all(fast);
    let piece = Bytes::from(vec![7; 8 << 10]);
    for _ in 0..64 {
        scene.send(0, piece.clone()).await;
    }
    scene.end(0).await;
    let start = tokio::time::Instant::now();
    let mut trickled = 0;
    while !fast.is_finished() {
        if let Some(Some(Ok(_))) = next(&mut slow) {
            trickled += 1;
        }
        advance(Duration::from_secs(4)).await;
        turns().await;
    }
    assert_eq!(fast.await.unwrap().unwrap(), 512 << 10);
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    assert!(trickled < 5);
    assert!(next(&mut slow).unwrap().unwrap().unwrap_err().is_too_slow());
}

/// All are as slow as each other: nobody is held up.
#[tokio::test(start_paused = true)]
async fn clients_that_are_slow_together_are_waited_for() {
    let mut scene = ByHand::new(
        HttpCoalesceLayer::new()
            .max_body(8)
            .max_lag(Duration::from_secs(5)),
    );
    let mut bodies = scene.ask::<3>().await;
    for _ in 0..20 {
        scene.send(0, "1234").await;
    }
    scene.end(0).await;
    let mut read = 0;
    while read < 80 {
        advance(Duration::from_secs(4)).await;
        turns().await;
        let lengths = bodies.each_mut().map(|body| data(body).len());
        assert_eq!(lengths, [lengths[0]; 3]);
        read += lengths[0];
    }
    bodies.iter_mut().for_each(ended);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_lets_its_fetch_go() {
    let mut scene = ByHand::new(
        HttpCoalesceLayer::new()
            .max_body(8)
            .max_lag(Duration::from_secs(5)),
    );
    let [mut body] = scene.ask().await;
    for _ in 0..20 {
        scene.send(0, "12345678").await;
    }
    scene.end(0).await;
    advance(Duration::from_secs(6)).await;
    turns().await;
    assert_eq!(scene.service.group().in_flight(), 0);
    assert!(next(&mut body).unwrap().unwrap().unwrap_err().is_too_slow());
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

/// Of a million connections that wait each holds some memory, too.
#[tokio::test]
async fn fetches_that_have_no_body_yet_spend_the_budget() {
    let layer = HttpCoalesceLayer::new().max_memory(16 << 10);
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let uris: [_; 100] =
        std::array::from_fn(|uri| Request::get(format!("/{uri}")).body(Body::empty()).unwrap());
    let mut clients = scene.pending(uris);
    turns().await;
    assert_eq!(scene.gate.bodies_active(), 100, "nobody is refused");
    let stats = scene.service.group().stats();
    assert!(stats.led > 0 && stats.alone > 80, "{stats}");
    assert!(scene.service.memory() >= 16 << 10);
    scene.gate.open();
    for client in &mut clients {
        assert!(answer(client).await.is_ok());
    }
    drop(clients);
    assert_eq!(scene.service.memory(), 0);
}

/// They held 140 MiB.
#[tokio::test]
async fn clients_that_read_nothing_spend_no_more_than_the_budget_and_then_requests_pass_by() {
    const BUDGET: usize = 4 << 20;
    let layer = HttpCoalesceLayer::new().max_memory(BUDGET);
    let mut scene = ByHand::new(layer);
    let mut unread = Vec::new();
    for stream in 0..150 {
        let uri = format!("/{stream}");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let mut request = task::spawn(scene.service.call(request));
        unread.push(answer(&mut request).await.unwrap().into_body());
        for _ in 0..16 {
            scene.send(stream, vec![7; 64 << 10]).await;
        }
    }
    let memory = scene.service.memory();
    assert!((BUDGET..BUDGET + (2 << 20)).contains(&memory), "{memory}");
    let stats = scene.service.group().stats();
    assert!(stats.led < 10, "{stats}");
    assert_eq!(stats.led + stats.alone, 150);

    // Each gets its own all the same.
    let ends: Vec<_> = (0..150).map(|stream| scene.end(stream)).collect();
    futures::future::join_all(ends).await;
    let readers: Vec<_> = unread.into_iter().map(read_all).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap().unwrap(), 1 << 20);
    }
    assert_eq!(scene.service.memory(), 0);
    let [_one, _other] = scene.ask().await;
    assert_eq!(
        scene.service.group().stats().followed,
        1,
        "and then they share again"
    );
}
