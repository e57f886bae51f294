//! Callers that come while others come, land or go.

use loom::thread;
use std::sync::Arc;

use crate::scene::{Scene, model};

#[test]
fn callers_open_and_join_at_once() {
    model("open", || {
        let scene = Scene::new();
        let (a, b, mut c) = (scene.call(1, 1), scene.call(2, 0), scene.call(3, 1));
        let b = thread::spawn(move || b.wait());
        let c = thread::spawn(move || drop((c.poll(), c)));
        a.wait();
        b.join().unwrap();
        c.join().unwrap();
        scene.check(3);
    });
}

#[test]
fn a_landing_a_newcomer_and_a_follower_that_leaves() {
    model("land", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([1, 1]);
        let newcomer = scene.call(3, 0);
        let follower = thread::spawn(move || drop(follower));
        let newcomer = thread::spawn(move || newcomer.wait());
        assert_eq!(leader.wait(), 1);
        follower.join().unwrap();
        let value = newcomer.join().unwrap();
        assert!(value == 1 || value == 3, "{value}");
        scene.check(3);
    });
}

#[test]
fn followers_collect_on_two_threads_and_are_woken_once() {
    model("collect", || {
        let scene = Scene::new();
        let [leader, a, b] = scene.begin([1, 1, 1]);
        let parkers = [&a, &b].map(|caller| Arc::clone(&caller.parker));
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        assert_eq!(leader.wait(), 1);
        assert_eq!((a.join().unwrap(), b.join().unwrap()), (1, 1));
        for parker in parkers {
            assert!(parker.wakes() <= 1);
        }
        scene.check(3);
    });
}
