//! Limits that a caller meets while the flight that it meets them in ends.

use std::time::Duration;

use coalesce_runtime::{Config, private::by_hand::ring};
use loom::thread;

use crate::scene::{Scene, model};

#[test]
fn a_full_flight_is_displaced_while_it_lands() {
    model("max_followers, landing", || {
        let scene = Scene::with_config(Config::new().max_followers(1));
        let [leader, follower] = scene.begin([1, 1]);
        let other = scene.of_another_flight();
        let [a, b] = [3, 4].map(|value| other.call(value, 0));
        let a = thread::spawn(move || a.wait());
        let b = thread::spawn(move || b.wait());
        assert_eq!(leader.wait(), 1);
        assert_eq!(follower.wait(), 1);
        let values = [a.join().unwrap(), b.join().unwrap()];
        assert!([[3, 3], [4, 4], [3, 4]].contains(&values), "{values:?}");
        scene.check_with(4, &[&other]);
    });
}

#[test]
fn a_full_flight_has_room_again_or_is_displaced() {
    model("max_followers, leaving", || {
        let scene = Scene::with_config(Config::new().max_followers(1));
        let [leader, follower] = scene.begin([9, 1]);
        let other = scene.of_another_flight();
        let newcomer = other.call(3, 0);
        let follower = thread::spawn(move || drop(follower));
        let newcomer = thread::spawn(move || newcomer.wait());
        drop(leader);
        follower.join().unwrap();
        assert_eq!(newcomer.join().unwrap(), 3);
        scene.check_with(3, &[&other]);
    });
}

const WAIT: Duration = Duration::from_millis(50);

#[test]
fn a_follower_has_waited_long_enough_while_its_flight_lands() {
    model("max_wait, landing", || {
        let scene = Scene::with_config(Config::new().max_wait(WAIT));
        let [leader] = scene.begin([1]);
        let other = scene.of_another_flight();
        let follower = other.call(2, 1).begin();
        let newcomer = other.call(3, 0);
        let follower = thread::spawn(move || follower.wait());
        let newcomer = thread::spawn(move || {
            ring();
            newcomer.wait()
        });
        assert_eq!(leader.wait(), 1);
        let values = (follower.join().unwrap(), newcomer.join().unwrap());
        assert!((1..=3).contains(&values.0) && (1..=3).contains(&values.1));
        scene.check_with(3, &[&other]);
    });
}

#[test]
fn a_follower_has_waited_long_enough_while_its_leader_is_dropped() {
    model("max_wait, leaving", || {
        let scene = Scene::with_config(Config::new().max_wait(WAIT));
        let [leader, follower] = scene.begin([9, 1]);
        let follower = thread::spawn(move || follower.wait());
        let bell = thread::spawn(ring);
        drop(leader);
        assert_eq!(follower.join().unwrap(), 2, "in that flight or a newer one");
        bell.join().unwrap();
        scene.check(2);
    });
}

#[test]
fn two_followers_have_waited_long_enough_for_one_who_is_not_polled() {
    model("max_wait, parked", || {
        let scene = Scene::with_config(Config::new().max_wait(WAIT));
        let [leader] = scene.begin([1]);
        let other = scene.of_another_flight();
        let [a, b] = [2, 3].map(|value| other.call(value, 1).begin());
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        ring();
        let values = [a.join().unwrap(), b.join().unwrap()];
        assert!([[2, 2], [3, 3], [2, 3]].contains(&values), "{values:?}");
        assert_eq!(leader.wait(), 1, "its flight is as it was");
        scene.check_with(3, &[&other]);
    });
}
