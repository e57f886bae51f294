//! Leaders and followers that are dropped.

use loom::thread;

use crate::scene::{Scene, model};

#[test]
fn a_leader_is_dropped_while_a_newcomer_comes() {
    model("abandon", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let follower = scene.call(2, 1).begin();
        let newcomer = scene.call(3, 0);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || newcomer.wait());
        drop(leader);
        assert!(follower.join().unwrap() > 1);
        assert!(newcomer.join().unwrap() > 1);
        scene.check(3);
    });
}

#[test]
fn leader_and_follower_are_dropped_while_a_newcomer_comes() {
    for stays in [true, false] {
        model("deserted", move || {
            let scene = Scene::new();
            let leader = scene.call(1, 9).begin();
            let follower = scene.call(2, 1).begin();
            let mut newcomer = scene.call(3, 1);
            let follower = thread::spawn(move || drop(follower));
            let newcomer = thread::spawn(move || {
                if stays {
                    assert_eq!(newcomer.wait(), 3);
                } else {
                    let _ = newcomer.poll();
                }
            });
            drop(leader);
            follower.join().unwrap();
            newcomer.join().unwrap();
            scene.check(3);
        });
    }
}

#[test]
fn a_hand_over_while_another_follower_leaves() {
    model("hand over", || {
        let scene = Scene::new();
        let leader = scene.call(1, 9).begin();
        let mut fickle = scene.call(2, 5).begin();
        let follower = scene.call(3, 0).begin();
        let fickle = thread::spawn(move || drop((fickle.poll(), fickle)));
        let follower = thread::spawn(move || follower.wait());
        drop(leader);
        fickle.join().unwrap();
        assert_eq!(follower.join().unwrap(), 3);
        scene.check(3);
    });
}
