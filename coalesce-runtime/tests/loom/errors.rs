//! `share = ok`: bodies that fail, and who runs next.

use loom::thread;

use crate::scene::{Scene, model, model_with};

#[test]
fn a_body_fails_and_one_of_the_followers_runs_for_both() {
    model("a failure", || {
        let scene = Scene::new();
        let leader = scene.call_of_ok(Err(1), 1).begin();
        let [a, b] = [2, 3].map(|value| scene.call_of_ok(Ok(value), 1).begin());
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        assert_eq!(leader.wait(), Err(1));
        let [a, b] = [a, b].map(|caller| caller.join().unwrap());
        assert!(a == b && [Ok(2), Ok(3)].contains(&a), "{a:?} {b:?}");
        assert_eq!(scene.bodies.started(), 2);
        scene.check(3);
    });
}

#[test]
fn two_bodies_fail_and_the_last_follower_does_not_wait_for_a_third() {
    model("two failures", || {
        let scene = Scene::new();
        let leader = scene.call_of_ok(Err(1), 1).begin();
        let [a, b] = [2, 3].map(|value| scene.call_of_ok(Err(value), 0).begin());
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        assert_eq!(leader.wait(), Err(1));
        assert_eq!(a.join().unwrap(), Err(2), "each has its own error");
        assert_eq!(b.join().unwrap(), Err(3));
        scene.check(3);
    });
}

#[test]
fn bodies_fail_while_a_newcomer_comes_and_a_follower_leaves() {
    model_with(2, "failures", || {
        let scene = Scene::new();
        let leader = scene.call_of_ok(Err(1), 1).begin();
        let follower = scene.call_of_ok(Err(2), 0).begin();
        let fickle = scene.call_of_ok(Err(3), 0).begin();
        let newcomer = scene.call_of_ok(Ok(4), 0);
        let follower = thread::spawn(move || follower.wait());
        let fickle = thread::spawn(move || drop(fickle));
        let newcomer = thread::spawn(move || newcomer.wait());
        assert_eq!(leader.wait(), Err(1));
        let follower = follower.join().unwrap();
        assert!([Err(2), Ok(4)].contains(&follower), "{follower:?}");
        assert_eq!(newcomer.join().unwrap(), Ok(4), "it waits for two at most");
        fickle.join().unwrap();
        scene.check_numbers(4, scene.bodies.started());
    });
}
