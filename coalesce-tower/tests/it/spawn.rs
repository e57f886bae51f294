//! Calls on tasks of their own.

use crate::support::{Scene, by_id, settle};
use std::time::Duration;
use tokio::task::yield_now;
use tokio_test::assert_ready_eq;
use tower::{Service, ServiceBuilder};

#[tokio::test]
async fn a_dropped_leader_costs_nothing() {
    let mut scene = Scene::below(by_id().spawn());
    let [leader, mut follower] = scene.pending([7, 7]);
    yield_now().await;
    drop(leader);
    yield_now().await;
    assert_eq!(scene.gate.bodies_active(), 1);
    scene.gate.open();
    yield_now().await;
    assert_ready_eq!(follower.poll(), Ok(49));
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[tokio::test]
async fn a_call_is_aborted_when_nobody_waits_any_more() {
    let mut scene = Scene::below(by_id().spawn());
    let requests = scene.pending([7, 7]);
    yield_now().await;
    assert_eq!(scene.gate.bodies_active(), 1);
    drop(requests);
    yield_now().await;
    assert_eq!(
        (
            scene.gate.bodies_active(),
            scene.service.group().in_flight()
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn a_detached_call_runs_to_its_end() {
    let mut scene = Scene::below(by_id().detach());
    let [request] = scene.pending([7]);
    drop(request);
    yield_now().await;
    let [mut newcomer] = scene.pending([7]);
    scene.gate.open();
    yield_now().await;
    assert_ready_eq!(settle(&mut newcomer), Ok(49));
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[tokio::test(start_paused = true)]
async fn behind_a_timeout_a_slow_call_ends_all_the_same() {
    let mut service = ServiceBuilder::new()
        .timeout(Duration::from_secs(2))
        .layer(by_id().spawn())
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
