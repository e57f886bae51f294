//! `forget` while a flight changes hands or lands.

use loom::thread;
use std::sync::Arc;

use coalesce_runtime::private::by_hand::join_tasks;

use crate::scene::{Scene, model};

#[test]
fn forget_while_a_leader_is_dropped() {
    model("forget", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([9, 1]);
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
        let [leader, follower] = scene.begin([1, 1]);
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

/// A leader makes its flight when it is about to spawn its body; it may have been forgotten by then.
#[test]
fn forget_while_a_leader_spawns_its_body() {
    model("forget, spawn", || {
        let scene = Scene::new();
        let leader = scene.spawned(1, 1, false);
        let other = scene.of_another_flight();
        let newcomer = other.call(2, 1);
        let leader = thread::spawn(move || leader.wait());
        let forgot = scene.group.forget(7);
        let value = newcomer.wait();
        assert!(value == 2 || !forgot, "it joined what was forgotten");
        let led = leader.join().unwrap();
        assert!(led == 1 || led == value, "{led} and {value}");
        join_tasks();
        scene.check_with(2, &[&other]);
    });
}
