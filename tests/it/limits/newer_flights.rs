//! `max_age`, `max_followers`: a newer flight takes the key's place, and those in the old one stay in it.

use super::{call, ms};
use crate::support::Gate;
use coalesced::{Config, Group};
use tokio::time::advance;
use tokio_test::{assert_pending, assert_ready_eq};

#[tokio::test(start_paused = true)]
async fn max_age_opens_a_newer_flight_that_takes_the_keys_place() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_age(ms(50)));
    let gate = Gate::closed();
    let (mut old, mut follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(old.poll());
    advance(ms(50)).await;
    assert_pending!(follower.poll());
    assert_eq!(gate.bodies_active(), 1, "it is just young enough");
    advance(ms(1)).await;
    let (mut newer, mut its_follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(newer.poll());
    assert_pending!(its_follower.poll());
    assert_eq!((gate.bodies_active(), group.in_flight()), (2, 2));
    gate.open();
    for call in [&mut old, &mut follower, &mut newer, &mut its_follower] {
        assert_ready_eq!(call.poll(), 2);
    }
    assert_eq!((gate.bodies_started(), group.in_flight()), (2, 0));
}

#[test]
fn max_followers_opens_a_newer_flight() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_followers(2));
    let gate = Gate::closed();
    let mut calls: Vec<_> = (0..9).map(|_| call(&group, &gate, 7)).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(
        (gate.bodies_active(), group.in_flight()),
        (3, 3),
        "a leader and two, three times"
    );
    gate.open();
    for call in &mut calls {
        assert_ready_eq!(call.poll(), 3);
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn followers_that_left_give_their_place_back() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_followers(2));
    let gate = Gate::closed();
    let mut leader = call(&group, &gate, 7);
    assert_pending!(leader.poll());
    for _ in 0..10 {
        let (mut a, mut b) = (call(&group, &gate, 7), call(&group, &gate, 7));
        assert_pending!(a.poll());
        assert_pending!(b.poll());
    }
    assert_eq!(gate.bodies_started(), 1);
}

/// A displaced flight still lands for those in it, also if nobody had joined it before.
#[test]
fn a_lone_leader_is_displaced_after_it_was_joined() {
    let group = Group::<u64, usize>::new();
    let (old, new) = (Gate::closed(), Gate::closed());
    let (mut leader, mut a, mut b) = (
        call(&group, &old, 7),
        call(&group, &old, 7),
        call(&group, &old, 7),
    );
    assert_pending!(leader.poll());
    assert_pending!(a.poll());
    assert_pending!(b.poll());
    group.forget(7);
    let mut newer = call(&group, &new, 7);
    assert_pending!(newer.poll());
    old.open();
    assert_ready_eq!(leader.poll(), 1);
    assert_ready_eq!(a.poll(), 1);
    assert_ready_eq!(b.poll(), 1);
    assert_eq!(group.in_flight(), 1);
}
