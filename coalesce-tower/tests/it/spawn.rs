//! Calls on tasks of their own.

use crate::support::{Gate, Strict, settle};
use coalesced::tower::CoalesceLayer;
use std::time::Duration;
use tokio::task::yield_now;
use tokio_test::{assert_pending, assert_ready_eq, task};
use tower::{Layer, Service, ServiceBuilder};

#[tokio::test]
async fn a_dropped_leader_costs_nothing() {
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id).spawn();
    let mut service = layer.layer(Strict::new(&gate));
    let mut leader = task::spawn(service.call(7));
    let mut follower = task::spawn(service.call(7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    yield_now().await;
    drop(leader);
    yield_now().await;
    assert_eq!(gate.bodies_active(), 1);
    gate.open();
    yield_now().await;
    assert_ready_eq!(follower.poll(), Ok(49));
    assert_eq!(gate.bodies_started(), 1);
}

#[tokio::test]
async fn a_call_is_aborted_when_nobody_waits_any_more() {
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id).spawn();
    let mut service = layer.layer(Strict::new(&gate));
    let mut requests = [task::spawn(service.call(7)), task::spawn(service.call(7))];
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    yield_now().await;
    assert_eq!(gate.bodies_active(), 1);
    drop(requests);
    yield_now().await;
    assert_eq!((gate.bodies_active(), service.group().in_flight()), (0, 0));
}

#[tokio::test]
async fn a_detached_call_runs_to_its_end() {
    let gate = Gate::closed();
    let layer = CoalesceLayer::new(|id: &u64| *id).detach();
    let mut service = layer.layer(Strict::new(&gate));
    let mut request = task::spawn(service.call(7));
    assert_pending!(request.poll());
    drop(request);
    yield_now().await;
    let mut newcomer = task::spawn(service.call(7));
    assert_pending!(newcomer.poll());
    gate.open();
    yield_now().await;
    assert_ready_eq!(settle(&mut newcomer), Ok(49));
    assert_eq!(gate.bodies_started(), 1);
}

#[tokio::test(start_paused = true)]
async fn behind_a_timeout_a_slow_call_ends_all_the_same() {
    let mut service = ServiceBuilder::new()
        .timeout(Duration::from_secs(2))
        .layer(CoalesceLayer::new(|id: &u64| *id).spawn())
        .service_fn(async |id: u64| {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Ok::<_, String>(id)
        });
    let early = tokio::spawn(service.call(7));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let late = tokio::spawn(service.call(7));
    assert!(early.await.unwrap().is_err());
    assert_eq!(late.await.unwrap().unwrap(), 7);
}
