//! Panics of the service, wherever they are, reach all who wait, and the key works afterwards.

use crate::support::{Gate, Scene, by_id};
use coalesced::tower::CoalesceLayer;
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, ready},
};
use tokio_test::{assert_ready_eq, task};
use tower::{Layer, Service};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    PollReady,
    Call,
    Response,
    Drop,
}

/// Waits at a gate to become ready, and panics somewhere, once.
struct Faulty {
    place: Where,
    armed: Arc<AtomicBool>,
    gate: Arc<Gate>,
    readying: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Faulty {
    fn new(place: Where, gate: &Arc<Gate>) -> Self {
        Self {
            place,
            armed: Arc::new(AtomicBool::new(true)),
            gate: Arc::clone(gate),
            readying: None,
        }
    }

    fn panic_at(&self, place: Where) {
        if self.place == place && self.armed.swap(false, SeqCst) {
            panic!("at {place:?}");
        }
    }
}

impl Clone for Faulty {
    fn clone(&self) -> Self {
        Self {
            place: self.place,
            armed: Arc::clone(&self.armed),
            gate: Arc::clone(&self.gate),
            readying: None,
        }
    }
}

impl Service<u64> for Faulty {
    type Response = u64;
    type Error = String;
    type Future = Response;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        let gate = Arc::clone(&self.gate);
        let readying = self
            .readying
            .get_or_insert_with(|| Box::pin(async move { gate.pass().await }));
        ready!(readying.as_mut().poll(cx));
        self.panic_at(Where::PollReady);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: u64) -> Response {
        self.panic_at(Where::Call);
        Response(self.clone())
    }
}

struct Response(Faulty);

impl Future for Response {
    type Output = Result<u64, String>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.panic_at(Where::Response);
        Poll::Ready(Ok(49))
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        self.0.panic_at(Where::Drop);
    }
}

fn message<T>(polled: std::thread::Result<T>) -> String {
    let panic = polled.err().expect("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

#[test]
fn a_panic_reaches_all_who_wait_and_the_key_works_afterwards() {
    for place in [Where::PollReady, Where::Call, Where::Response] {
        let layer = by_id().named("faulty");
        let mut scene = Scene::new(|gate| layer.layer(Faulty::new(place, gate)));
        let [mut leader, mut follower] = scene.pending([7, 7]);
        scene.gate.open();
        let own = message(catch_unwind(AssertUnwindSafe(|| leader.poll())));
        assert_eq!(own, format!("at {place:?}"));
        assert!(follower.is_woken());
        let shared = message(catch_unwind(AssertUnwindSafe(|| follower.poll())));
        assert_eq!(
            shared,
            format!("the call of `faulty` that this one waited for panicked: at {place:?}")
        );
        assert_eq!(scene.service.group().in_flight(), 0);
        assert_ready_eq!(scene.call(7).poll(), Ok(49));
    }
}

#[test]
fn a_response_whose_destructor_panics_is_shared_all_the_same() {
    let mut scene = Scene::new(|gate| by_id().layer(Faulty::new(Where::Drop, gate)));
    let [mut leader, mut follower] = scene.pending([7, 7]);
    scene.gate.open();
    let own = message(catch_unwind(AssertUnwindSafe(|| leader.poll())));
    assert_eq!(own, "at Drop");
    assert_ready_eq!(follower.poll(), Ok(49));
    assert_eq!(scene.service.group().in_flight(), 0);
}

#[test]
fn a_key_that_panics_is_no_flight() {
    let gate = Gate::opened();
    let layer = CoalesceLayer::new(|id: &u64| {
        assert_ne!(*id, 0, "no zero");
        *id
    });
    let mut service = layer.layer(crate::support::Strict::new(&gate));
    let own = message(catch_unwind(AssertUnwindSafe(|| drop(service.call(0)))));
    assert!(own.contains("no zero"));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Ok(49));
}

#[test]
fn a_key_whose_hash_panics_is_no_flight_and_the_request_says_so_when_it_is_polled_again() {
    #[derive(Clone, PartialEq, Eq)]
    struct Key(u64);
    impl std::hash::Hash for Key {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {
            assert_ne!(self.0, 0, "no hash for zero");
        }
    }
    let gate = Gate::opened();
    let mut service =
        CoalesceLayer::new(|id: &u64| Key(*id)).layer(crate::support::Strict::new(&gate));
    let mut request = task::spawn(service.call(0));
    let first = message(catch_unwind(AssertUnwindSafe(|| request.poll())));
    assert!(first.contains("no hash for zero"));
    let second = message(catch_unwind(AssertUnwindSafe(|| request.poll())));
    assert!(second.contains("polled again"));
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Ok(49));
}
