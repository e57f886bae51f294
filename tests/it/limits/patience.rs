//! `max_wait`: who has waited long enough for one flight is no follower of it any more.

use crate::support::{Scene, begin};
use coalesced::{Config, observe};
use std::time::Duration;
use tokio::time::advance;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

const WAIT: Duration = Duration::from_millis(100);
const ENOUGH: Duration = Duration::from_millis(101);

fn scene() -> Scene<u64> {
    let scene = Scene::new(|| 49);
    scene.group.set_config(Config::new().max_wait(WAIT));
    scene
}

#[tokio::test(start_paused = true)]
async fn who_opens_a_newer_flight_leaves_the_old_one() {
    let scene = scene();
    let [parked, mut follower] = scene.begin();
    advance(ENOUGH).await;
    assert_pending!(follower.poll());
    assert_eq!(scene.group.stats().waiting, 0);
    assert_eq!(scene.group.in_flight(), 2);
    drop(parked);
    assert_eq!(scene.group.in_flight(), 1, "nobody is left in the old one");
    assert!(!follower.is_woken(), "which is none of its business");
    scene.gate.open();
    assert_ready_eq!(follower.poll(), 49);
    scene.check();
}

#[tokio::test(start_paused = true)]
async fn who_joins_a_newer_flight_leaves_the_old_one() {
    let scene = scene();
    let [parked, mut follower] = scene.begin();
    scene.group.forget(7);
    let [mut newer] = scene.begin();
    advance(ENOUGH).await;
    assert_pending!(follower.poll());
    assert_eq!(scene.group.stats().waiting, 1, "for the newer one");
    assert_eq!(scene.gate.bodies_started(), 2);
    drop(parked);
    assert_eq!(scene.group.in_flight(), 1);
    scene.gate.open();
    assert_ready_eq!(newer.poll(), 49);
    assert_ready_eq!(follower.poll(), 49);
    scene.check();
}

#[tokio::test(start_paused = true)]
async fn its_place_in_the_old_flight_is_free() {
    let scene = scene();
    let config = Config::new().max_wait(WAIT).max_followers(1);
    scene.group.set_config(config);
    let [mut leader, mut follower] = scene.begin();
    advance(ENOUGH).await;
    assert_pending!(follower.poll());
    // Each of the two leads a flight now, and there is room for one in the newer.
    let [mut joins] = begin(|| observe(scene.call()));
    assert_eq!(scene.gate.bodies_started(), 2);
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(assert_ready!(joins.poll()).0, 49);
    scene.check();
}
