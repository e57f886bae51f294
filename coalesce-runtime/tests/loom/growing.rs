//! The table gets more shards while a flight is joined, ends, is forgotten or looked at.

use loom::thread::{self, JoinHandle};
use std::sync::Arc;

use coalesce_runtime::private::by_hand::grow;

use crate::scene::{Scene, model};

fn grower(scene: &Scene) -> JoinHandle<()> {
    let group = Arc::clone(&scene.group);
    thread::spawn(move || grow(&group))
}

#[test]
fn a_flight_is_joined_and_lands_while_it_moves() {
    model("growing, landing", || {
        let scene = Scene::new();
        let [leader] = scene.begin([1]);
        let newcomer = scene.call(2, 0);
        let grower = grower(&scene);
        let newcomer = thread::spawn(move || newcomer.wait());
        assert_eq!(leader.wait(), 1);
        assert!([1, 2].contains(&newcomer.join().unwrap()));
        grower.join().unwrap();
        scene.check(2);
    });
}

#[test]
fn a_flight_is_abandoned_while_it_moves() {
    model("growing, leaving", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([9, 1]);
        let grower = grower(&scene);
        let follower = thread::spawn(move || drop(follower));
        drop(leader);
        follower.join().unwrap();
        grower.join().unwrap();
        scene.check_numbers(2, 1);
    });
}

#[test]
fn two_threads_come_to_one_key_while_two_have_it_grow() {
    model("growing twice, joining", || {
        let scene = Scene::new();
        let other = scene.call(1, 0);
        let group = Arc::clone(&scene.group);
        let other = thread::spawn(move || {
            let value = other.wait();
            grow(&group);
            value
        });
        grow(&scene.group);
        let value = scene.call(2, 0).wait();
        let others = other.join().unwrap();
        assert!((1..=2).contains(&value) && (1..=2).contains(&others));
        scene.check(2);
    });
}

#[test]
fn what_is_forgotten_while_it_moves_is_joined_by_nobody() {
    model("growing, forget all", || {
        let scene = Scene::new();
        let [leader] = scene.begin([1]);
        let other = scene.of_another_flight();
        let newcomer = other.call(2, 0);
        let grower = grower(&scene);
        let group = Arc::clone(&scene.group);
        let newcomer = thread::spawn(move || {
            group.forget_all();
            newcomer.wait()
        });
        assert_eq!(newcomer.join().unwrap(), 2);
        assert_eq!(leader.wait(), 1);
        grower.join().unwrap();
        scene.check_with(2, &[&other]);
    });
}

#[test]
fn a_flight_that_moves_is_seen_once() {
    model("growing, looking", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([1, 0]);
        let group = Arc::clone(&scene.group);
        let grower = thread::spawn(move || {
            grow(&group);
            grow(&group);
        });
        let seen = scene.group.flights();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].followers, seen[0].displaced), (1, false));
        assert_eq!(scene.group.in_flight(), 1);
        let stats = scene.group.stats();
        assert_eq!((stats.in_flight, stats.waiting), (1, 1));
        grower.join().unwrap();
        assert_eq!(leader.wait(), 1);
        assert_eq!(follower.wait(), 1);
        scene.check(2);
    });
}

#[test]
fn two_flights_of_a_key_are_told_apart_when_they_have_moved() {
    model("growing, two flights", || {
        let scene = Scene::new();
        let [leader, follower] = scene.begin([1, 0]);
        let grower = grower(&scene);
        assert!(scene.group.forget(7));
        let other = scene.of_another_flight();
        let newer = other.call(3, 1).begin();
        let newest = other.call(4, 0).begin();
        assert_eq!((newer.wait(), newest.wait()), (3, 3));
        assert_eq!((leader.wait(), follower.wait()), (1, 1));
        grower.join().unwrap();
        scene.check_with(4, &[&other]);
    });
}
