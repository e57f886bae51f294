//! How long is waited for what others run: it is reported, and `max_wait` is for it as well.

use super::{Scene, servers::Answer};
use coalesced::{Config, Role, observe};
use std::time::Duration;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

#[tokio::test(start_paused = true)]
async fn who_is_observed_tells_where_its_value_came_from() {
    for answer in [Answer::Given(50), Answer::Run] {
        let scene = Scene::new();
        scene.gate.open();
        let mut leader = task::spawn(observe(scene.call()));
        assert_pending!(leader.poll());
        let mut follower = task::spawn(observe(scene.call()));
        assert_pending!(follower.poll());
        tokio::time::advance(Duration::from_millis(30)).await;
        scene.servers.answer(answer);
        let led = assert_ready!(leader.poll()).1.unwrap();
        let followed = assert_ready!(follower.poll()).1.unwrap();
        let elsewhere = matches!(answer, Answer::Given(_));
        assert_eq!(
            (led.role, led.elsewhere, led.followers),
            (Role::Leader, elsewhere, 1)
        );
        assert_eq!((followed.role, followed.elsewhere), (Role::Follower, false));
        for report in [led, followed] {
            assert_eq!(report.waited, Duration::from_millis(30));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_takes_over_and_asks_tells_both_waits() {
    let scene = Scene::new();
    let [leader] = scene.begin();
    let mut follower = task::spawn(observe(scene.call()));
    assert_pending!(follower.poll());
    tokio::time::advance(Duration::from_millis(10)).await;
    drop(leader);
    assert_pending!(follower.poll());
    tokio::time::advance(Duration::from_millis(20)).await;
    scene.servers.answer(Answer::Given(50));
    let report = assert_ready!(follower.poll()).1.unwrap();
    assert_eq!((report.elsewhere, report.takeovers), (true, 1));
    assert_eq!(report.waited, Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_long_enough_elsewhere_hurries_once() {
    let scene = Scene::new();
    let limit = Config::new().max_wait(Duration::from_millis(50));
    scene.group.set_config(limit);
    let [mut leader] = scene.begin();
    tokio::time::advance(Duration::from_millis(49)).await;
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "lead new");
    tokio::time::advance(Duration::from_millis(2)).await;
    assert!(leader.is_woken());
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "hurry");
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_pending!(leader.poll());
    assert_eq!(scene.servers.told(), "");
    scene.servers.answer(Answer::Run);
    scene.gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!(scene.check(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_long_enough_leads_a_newer_flight_elsewhere() {
    let scene = Scene::new();
    let config = Config::new().max_wait(Duration::from_millis(100));
    scene.group.set_config(config);
    let [mut leader, mut late] = scene.begin();
    tokio::time::advance(Duration::from_millis(101)).await;
    assert_pending!(late.poll());
    assert_eq!(scene.servers.told(), "lead new, succeed a newer one");
    scene.servers.answer(Answer::Given(50));
    assert_ready_eq!(late.poll(), 50);
    assert_ready_eq!(leader.poll(), 50);
    assert_eq!(scene.check(), 2);
}
