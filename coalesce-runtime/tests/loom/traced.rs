//! Whom a follower's span follows from, where leaders tell their flights theirs.

use std::sync::Arc;

use coalesce_runtime::private::by_hand::{current_span, followed, trace};
use loom::thread;

use crate::{
    caller::Caller,
    scene::{Scene, model},
};

/// A call whose value is the number of the leader's span.
fn call(scene: &Scene, polls: usize) -> Caller<usize> {
    scene.call_of(
        scene
            .bodies
            .body(polls, || Arc::new(current_span().unwrap())),
    )
}

/// Of those who have this value one ran the body, and the spans of the others follow from its span.
fn check(values: &[usize]) {
    for leader in values {
        let callers = values.iter().filter(|value| *value == leader).count();
        let followers = followed().iter().filter(|(_, it)| it == leader).count();
        assert_eq!(followers, callers - 1, "{values:?} {:?}", followed());
    }
}

#[test]
fn a_leader_tells_its_flight_its_span_while_followers_come() {
    model("led_by, opening", || {
        trace();
        let scene = Scene::new();
        let [a, b, c] = [0, 1, 0].map(|polls| call(&scene, polls));
        let [a, b] = [a, b].map(|caller| thread::spawn(move || caller.wait()));
        let values = [c.wait(), a.join().unwrap(), b.join().unwrap()];
        check(&values);
        scene.check(3);
    });
}

#[test]
fn the_next_leader_tells_its_own_while_a_follower_comes() {
    model("led_by, hand over", || {
        trace();
        let scene = Scene::new();
        let leader = call(&scene, 9).begin();
        let follower = call(&scene, 1).begin();
        let newcomer = call(&scene, 0);
        let [follower, newcomer] =
            [follower, newcomer].map(|caller| thread::spawn(move || caller.wait()));
        drop(leader);
        let values = [follower, newcomer].map(|caller| caller.join().unwrap());
        check(&values);
        scene.check(3);
    });
}
