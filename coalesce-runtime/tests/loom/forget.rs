//! `forget` while a flight changes hands or lands.

use loom::thread;
use std::sync::Arc;

use crate::scene::{Scene, model};

#[test]
fn forget_while_a_leader_is_dropped() {
    model("forget", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let follower = scene.call(2, 1).begin();
        let other = scene.of_another_flight();
        let newcomer = other.call(3, 1);
        let group = Arc::clone(&scene.group);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || {
            group.forget(7);
            newcomer.wait()
        });
        drop(leader);
        assert_eq!(follower.join().unwrap(), 2);
        assert_eq!(
            newcomer.join().unwrap(),
            3,
            "it joined no flight from before the forget"
        );
        scene.check_with(3, &[&other]);
    });
}

#[test]
fn forget_all_while_a_flight_lands() {
    model("forget all", || {
        let scene = Scene::new();
        let leader = scene.call(1, 1).begin();
        let follower = scene.call(2, 1).begin();
        let other = scene.of_another_flight();
        let newcomer = other.call(3, 1);
        let group = Arc::clone(&scene.group);
        let follower = thread::spawn(move || drop(follower));
        let newcomer = thread::spawn(move || {
            group.forget_all();
            newcomer.wait()
        });
        assert_eq!(leader.wait(), 1);
        follower.join().unwrap();
        assert_eq!(newcomer.join().unwrap(), 3);
        scene.check_with(3, &[&other]);
    });
}
