//! Who comes after a leader that went asks for the same flight.

use super::{Scene, servers::Answer};
use tokio_test::{assert_pending, assert_ready_eq};

/// What it has is given back before the next one is told.
#[test]
fn who_takes_over_asks_as_well() {
    for is_running in [false, true] {
        let scene = Scene::new();
        let [mut leader, mut follower] = scene.begin();
        if is_running {
            scene.servers.answer(Answer::Run);
            assert_pending!(leader.poll());
            scene.servers.silent();
        }
        drop(leader);
        assert_eq!(scene.servers.told(), "lead new, give up");
        assert_pending!(follower.poll());
        assert_eq!(scene.servers.told(), "succeed the same");
        assert_eq!(scene.gate.bodies_active(), 0);
        scene.servers.answer(Answer::Run);
        scene.gate.open();
        assert_ready_eq!(follower.poll(), 49);
        assert_eq!(scene.servers.told(), "the body ends, end 49");
        assert_eq!(scene.check(), u64::from(!is_running));
        assert_eq!(scene.group.stats().abandoned, u64::from(is_running));
    }
}

#[test]
fn a_newcomer_that_finds_nobody_leading_goes_on_with_the_flight() {
    let scene = Scene::new();
    let [leader, _follower] = scene.begin();
    drop(leader);
    let [_newcomer] = scene.begin();
    assert_eq!(scene.servers.told(), "lead new, give up, succeed the same");
}

#[test]
fn who_is_the_last_to_go_gives_up() {
    let scene = Scene::new();
    let [leader, follower] = scene.begin();
    drop(follower);
    drop(leader);
    assert_eq!(scene.servers.told(), "lead new, give up");
    assert_eq!(scene.check(), 1);
}
