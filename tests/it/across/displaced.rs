//! Flights that nobody joins any more, here or elsewhere.

use super::{Scene, servers::Answer};
use coalesced::{forget, fresh};
use std::sync::atomic::Ordering::SeqCst;
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn a_flight_that_is_out_of_sight_is_joined_by_nobody() {
    let scene = Scene::new();
    let [mut early, mut follows] = scene.begin();
    scene.servers.0.out_of_sight.store(true, SeqCst);
    let [mut late] = scene.begin();
    assert_eq!(
        scene.servers.told(),
        "lead new, lead new",
        "and it is new here alone"
    );
    scene.servers.answer(Answer::Given(50));
    for caller in [&mut early, &mut follows, &mut late] {
        assert_ready_eq!(caller.poll(), 50);
    }
    assert_eq!(scene.check(), 2);
}

#[test]
fn a_flight_that_was_forgotten_here_is_new_everywhere() {
    let scene = Scene::new();
    let [_old] = scene.begin();
    assert!(scene.group.forget(7));
    let [_new] = scene.begin();
    assert_eq!(scene.servers.told(), "lead new, forget, lead fresh");
    let mut fresh = task::spawn(fresh(scene.call()));
    assert_pending!(fresh.poll());
    assert_eq!(scene.servers.told(), "lead fresh");
}

#[test]
fn a_key_is_forgotten_by_the_function_as_well() {
    let scene = Scene::new();
    let [_old] = scene.begin();
    let mut forgets = task::spawn(forget(scene.call()));
    assert_ready_eq!(forgets.poll(), true);
    assert_eq!(scene.servers.told(), "lead new, forget");
}
