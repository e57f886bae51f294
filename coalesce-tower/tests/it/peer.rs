//! What the tests, the examples and the documentation of tower-resilience-coalesce 0.14 promise, asked of this
//! layer; and what is known to go wrong there.

use crate::support::{Gate, Scene, Strict, by_id, settle};
use coalesced::tower::CoalesceLayer;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, limit::ConcurrencyLimit, service_fn};

#[derive(Debug, Clone, PartialEq)]
struct Fault(&'static str);

/// "A single request passes through."
#[tokio::test]
async fn a_single_request() {
    let gate = Gate::opened();
    let service = ServiceBuilder::new()
        .layer(CoalesceLayer::new(|id: &u64| *id))
        .service(Strict::new(&gate));
    assert_eq!(service.oneshot(7).await, Ok(49));
    assert_eq!(gate.bodies_started(), 1);
}

/// "Only one request executes while others wait for its result", here five tasks with a clone each.
#[tokio::test]
async fn five_tasks() {
    let gate = Gate::closed();
    let service = ServiceBuilder::new()
        .layer(CoalesceLayer::new(|id: &u64| *id))
        .service(Strict::new(&gate));
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let mut service = service.clone();
            tokio::spawn(async move { service.ready().await?.call(7).await })
        })
        .collect();
    while service.group().stats().calls < 5 {
        tokio::task::yield_now().await;
    }
    gate.open();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(49));
    }
    assert_eq!(gate.bodies_started(), 1);
}

/// "Different keys execute separately."
#[test]
fn three_keys() {
    let mut scene = Scene::squares();
    let mut requests = scene.pending([1, 2, 3]);
    assert_eq!(scene.gate.bodies_active(), 3);
    scene.gate.open();
    for (request, square) in requests.iter_mut().zip([1, 4, 9]) {
        assert_ready_eq!(request.poll(), Ok(square));
    }
}

/// "Errors are also propagated to all waiters", of the service's own type: there it is wrapped in a
/// `CoalesceError`.
#[test]
fn an_error() {
    let mut scene = Scene::answering(by_id(), |_: u64| Err::<(), _>(Fault("down")));
    let mut requests = scene.pending([7, 7, 7]);
    scene.gate.open();
    for request in &mut requests {
        assert_ready_eq!(request.poll(), Err(Fault("down")));
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

/// "A second request after the first completes executes again."
#[tokio::test]
async fn one_after_the_other() {
    let calls = AtomicUsize::new(0);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(service_fn(async |_: u64| {
        Ok::<_, Fault>(calls.fetch_add(1, SeqCst))
    }));
    for expected in 0..3 {
        assert_eq!(service.ready().await.unwrap().call(7).await, Ok(expected));
    }
}

/// "The leader drives the instance that was made ready", also below a concurrency limit; each request leads.
#[tokio::test]
async fn the_contract_of_tower() {
    let unique = || {
        let next = AtomicUsize::new(0);
        CoalesceLayer::new(move |_: &u64| next.fetch_add(1, SeqCst))
    };
    let gate = Gate::opened();
    let mut service = unique().layer(Strict::new(&gate));
    let mut limited = unique().layer(ConcurrencyLimit::new(Strict::new(&gate), 8));
    for _ in 0..3 {
        assert_eq!(service.ready().await.unwrap().call(7).await, Ok(49));
        assert_eq!(limited.ready().await.unwrap().call(7).await, Ok(49));
    }
    assert_eq!(gate.bodies_started(), 6);
}

/// Of the layer and its builder: cloned, and named.
#[test]
fn a_layer_is_cloned_and_named() {
    let layer = CoalesceLayer::new(|name: &String| name.clone()).named("user-lookup");
    let service = layer
        .clone()
        .layer(service_fn(async |name: String| Ok::<_, Fault>(name)));
    assert_eq!(service.group().name(), "user-lookup");
    assert_eq!(service.clone().group().name(), "user-lookup");
    let _inner = service.get_ref();
    let _inner = service.into_inner();
    let _other = layer.layer(service_fn(async |name: String| Ok::<_, Fault>(name)));
}

/// The key of a flight is free as soon as the flight has landed (their `InFlight`, tested from outside).
#[test]
fn a_key_is_free_again() {
    let mut scene = Scene::squares();
    let [mut first, mut second, _other] = scene.pending([1, 1, 2]);
    assert_eq!(scene.service.group().in_flight(), 2);
    scene.gate.open();
    assert_ready_eq!(first.poll(), Ok(1));
    scene.gate.close();
    let _third = scene.pending([1]);
    assert_eq!(scene.gate.bodies_started(), 3, "it leads");
    assert_ready_eq!(second.poll(), Ok(1));
}

/// There, all who wait get `LeaderCancelled`.
#[test]
fn a_cancelled_leader_fails_nobody() {
    let mut scene = Scene::squares();
    let [leader, mut requests @ ..] = scene.pending([7; 11]);
    drop(leader);
    for request in &mut requests {
        assert_pending!(settle(request));
    }
    assert_eq!(scene.gate.bodies_active(), 1, "exactly one takes over");
    scene.gate.open();
    for request in &mut requests {
        assert_ready_eq!(settle(request), Ok(49));
    }
}

/// There, a panic in `call` leaves the key stuck for ever.
#[test]
fn a_panic_in_call_leaves_no_key_behind() {
    let fail = Arc::new(AtomicUsize::new(1));
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(service_fn(|id: u64| {
        assert_eq!(fail.swap(0, SeqCst), 0, "in `call`");
        async move { Ok::<_, Fault>(id) }
    }));
    let mut first = task::spawn(service.call(7));
    assert!(catch_unwind(AssertUnwindSafe(|| first.poll())).is_err());
    assert_ready_eq!(task::spawn(service.call(7)).poll(), Ok(7));
}

/// There, a request that waits asks to be polled again each time it is polled.
#[test]
fn a_waiting_request_is_woken_once() {
    let mut scene = Scene::squares();
    let [mut leader, mut follower] = scene.pending([7, 7]);
    assert!(!follower.is_woken());
    scene.gate.open();
    assert!(assert_ready!(leader.poll()).is_ok());
    assert!(follower.is_woken());
    assert_ready_eq!(follower.poll(), Ok(49));
}

/// There, a request that waits holds a permit of a limit inside, since `poll_ready` asked for it: with as
/// many permits as requests that wait, a request with another key is held up.
#[test]
fn those_who_wait_take_no_permits() {
    let scene = Scene::limited(2);
    // A server readies a clone for each request.
    let mut requests: Vec<_> = [7, 7, 8]
        .map(|id| {
            let service = scene.service.clone();
            task::spawn(service.oneshot(id))
        })
        .into_iter()
        .collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    assert_eq!(scene.gate.bodies_active(), 2, "7 and 8");
}
