//! Leaders and followers that are dropped.

use loom::thread;

use crate::scene::{Scene, model};

#[test]
fn a_leader_is_dropped_while_a_newcomer_comes() {
    model("abandon", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([9, 1]);
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
            let [leader, follower] = scene.begin([9, 1]);
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
        let [leader, mut fickle, follower] = scene.begin([9, 5, 0]);
        let fickle = thread::spawn(move || drop((fickle.poll(), fickle)));
        let follower = thread::spawn(move || follower.wait());
        drop(leader);
        fickle.join().unwrap();
        assert_eq!(follower.join().unwrap(), 3);
        scene.check(3);
    });
}

/// The second hand-over is the oldest's turn: a newcomer gives way, whether the oldest takes it or goes.
#[test]
fn the_oldests_turn_while_it_takes_over_or_leaves_and_a_newcomer_comes() {
    for stays in [true, false] {
        model("the oldest's turn", move || {
            let scene = Scene::new();
            let [leader, mut oldest, mut second] = scene.begin([9, 1, 9]);
            // Handed over for the first time, and, as nobody came in between, with a poll more.
            drop(leader);
            assert!(second.poll().is_pending());
            assert!(second.poll().is_pending());
            assert!(oldest.poll().is_pending());
            let newcomer = scene.call(4, 0);
            let newcomer = thread::spawn(move || newcomer.wait());
            let oldest = thread::spawn(move || stays.then(|| oldest.wait()));
            drop(second);
            let value = newcomer.join().unwrap();
            assert!(value == 4 || (stays && value == 2), "{value}");
            let value = oldest.join().unwrap();
            assert!(
                value.is_none_or(|value| value == 2 || value == 4),
                "{value:?}"
            );
            scene.check(4);
        });
    }
}

/// Who leaves while it is woken as the oldest is not waited for: the next of the oldest's turns is another's.
#[test]
fn the_oldest_leaves_while_the_flight_is_handed_over() {
    model("the oldest leaves", || {
        let scene = Scene::new();
        let [leader, oldest, mut second, third] = scene.begin([9, 9, 9, 9]);
        let oldest = thread::spawn(move || drop(oldest));
        drop(leader);
        oldest.join().unwrap();
        // It takes over, since the first turn is the newest's.
        let third = third.begin();
        assert!(second.poll().is_pending());
        drop(third);
        let newcomer = scene.call(5, 9).begin();
        assert_eq!(scene.bodies.started(), 2);
        assert!(second.poll().is_pending());
        assert_eq!(scene.bodies.started(), 3, "the second is the oldest now");
        drop((second, newcomer));
        scene.check(5);
    });
}
