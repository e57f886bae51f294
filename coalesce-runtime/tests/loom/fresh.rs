//! A caller that wants to read its own write, while the flight that it must not join ends.

use loom::thread;

use crate::scene::{Scene, model};

#[test]
fn a_fresh_call_while_a_flight_lands_and_a_follower_leaves() {
    model("fresh, landing", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([1, 1]);
        let other = scene.of_another_flight();
        let fresh = other.fresh(3, 1);
        let follower = thread::spawn(move || drop(follower));
        let fresh = thread::spawn(move || fresh.wait());
        assert_eq!(leader.wait(), 1);
        follower.join().unwrap();
        assert_eq!(fresh.join().unwrap(), 3, "it joins no older flight");
        scene.check_with(3, &[&other]);
    });
}

#[test]
fn a_fresh_call_while_a_leader_is_dropped() {
    model("fresh, leaving", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([9, 1]);
        let other = scene.of_another_flight();
        let fresh = other.fresh(3, 1);
        let follower = thread::spawn(move || follower.wait());
        let fresh = thread::spawn(move || fresh.wait());
        drop(leader);
        assert_eq!(
            follower.join().unwrap(),
            2,
            "it leads the flight that it was in"
        );
        assert_eq!(fresh.join().unwrap(), 3);
        scene.check_with(3, &[&other]);
    });
}

#[test]
fn a_newcomer_finds_the_fresh_flight_or_the_one_before() {
    model("fresh, joined", || {
        let scene = Scene::new();
        let [leader] = scene.begin([1]);
        let (fresh, newcomer) = (scene.of_another_flight(), scene.of_another_flight());
        let (a, b) = (fresh.fresh(2, 1), newcomer.call(3, 0));
        let a = thread::spawn(move || a.wait());
        let b = thread::spawn(move || b.wait());
        assert_eq!(leader.wait(), 1);
        assert_eq!(a.join().unwrap(), 2);
        let b = b.join().unwrap();
        assert_eq!(newcomer.bodies.started(), usize::from(b == 3));
        scene.check_with(3, &[&fresh, &newcomer]);
    });
}
