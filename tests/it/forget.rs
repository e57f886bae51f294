//! `forget` lets no later caller join; those who wait still get their value.

use crate::support::Gate;
use coalesced::{Group, coalesce, groups};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn those_who_wait_get_the_old_value_and_later_callers_a_new_flight() {
    let group = Group::<u64, &'static str>::new();
    let (old_gate, new_gate) = (Gate::closed(), Gate::closed());
    let old = || {
        task::spawn(group.call(7, async {
            old_gate.pass().await;
            "old"
        }))
    };
    let new = || {
        task::spawn(group.call(7, async {
            new_gate.pass().await;
            "new"
        }))
    };
    let (mut leader, mut follower) = (old(), old());
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());

    assert!(group.forget(7));
    assert!(!group.forget(7), "it is forgotten already");
    let (mut new_leader, mut new_follower) = (new(), new());
    assert_pending!(new_leader.poll());
    assert_pending!(new_follower.poll());
    assert_eq!((new_gate.bodies_started(), group.in_flight()), (1, 2));

    // The old leader lands late, and leaves the new flight alone.
    old_gate.open();
    assert_ready_eq!(leader.poll(), "old");
    assert_ready_eq!(follower.poll(), "old");
    let mut third = new();
    assert_pending!(third.poll());
    assert_eq!(new_gate.bodies_started(), 1, "it joined the new flight");
    new_gate.open();
    assert_ready_eq!(new_leader.poll(), "new");
    assert_ready_eq!(new_follower.poll(), "new");
    assert_ready_eq!(third.poll(), "new");
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn nothing_to_forget() {
    let group = Group::<String, u64>::new();
    assert!(!group.forget("nobody"));
    assert_ready_eq!(task::spawn(group.call("somebody", async { 1 })).poll(), 1);
    assert!(!group.forget("somebody"), "it has landed");
}

#[test]
fn a_forgotten_flight_that_nobody_joined() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        task::spawn(group.call(7, async {
            gate.pass().await;
            49
        }))
    };
    let mut old = call();
    assert_pending!(old.poll());
    assert!(group.forget(7));
    let mut new = call();
    assert_pending!(new.poll());
    drop(old);
    assert_eq!(
        group.in_flight(),
        1,
        "the abandoned one is gone, and only it"
    );
    let mut follower = call();
    assert_pending!(follower.poll());
    gate.open();
    assert_ready_eq!(new.poll(), 49);
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(gate.bodies_started(), 2);
}

#[test]
fn a_forgotten_flight_is_handed_over_like_any_other() {
    let group = Group::<u64, &'static str>::new();
    let (old_gate, new_gate) = (Gate::closed(), Gate::closed());
    let old = || {
        task::spawn(group.call(7, async {
            old_gate.pass().await;
            "old"
        }))
    };
    let (mut leader, mut second, mut third) = (old(), old(), old());
    assert_pending!(leader.poll());
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    assert!(group.forget(7));
    let mut new = task::spawn(group.call(7, async {
        new_gate.pass().await;
        "new"
    }));
    assert_pending!(new.poll());
    drop(leader);
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    assert_eq!((old_gate.bodies_active(), new_gate.bodies_active()), (1, 1));
    drop(second);
    old_gate.open();
    assert_ready_eq!(third.poll(), "old");
    new_gate.open();
    assert_ready_eq!(new.poll(), "new");
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn an_abandoned_flight_is_forgotten() {
    let group = Group::<u64, &'static str>::new();
    let gate = Gate::closed();
    let call = || {
        task::spawn(group.call(7, async {
            gate.pass().await;
            "value"
        }))
    };
    let (mut leader, mut follower) = (call(), call());
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(leader);
    assert!(group.forget(7));
    let mut new = call();
    assert_pending!(new.poll());
    assert_pending!(follower.poll());
    assert_eq!(gate.bodies_active(), 2, "two flights of one key");
    gate.open();
    assert_ready_eq!(new.poll(), "value");
    assert_ready_eq!(follower.poll(), "value");
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn forget_all() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = |key: u64| {
        let gate = &gate;
        task::spawn(group.call(key, async move {
            gate.pass().await;
            key
        }))
    };
    let mut old: Vec<_> = (0..100).map(call).collect();
    for caller in &mut old {
        assert_pending!(caller.poll());
    }
    group.forget_all();
    assert!(!group.forget(7));
    let mut new: Vec<_> = (0..100).map(call).collect();
    let mut joined: Vec<_> = (0..100).map(call).collect();
    for caller in new.iter_mut().chain(&mut joined) {
        assert_pending!(caller.poll());
    }
    assert_eq!((gate.bodies_started(), group.in_flight()), (200, 200));
    gate.open();
    for (key, caller) in (0..).zip(&mut old) {
        assert_ready_eq!(caller.poll(), key);
    }
    for (key, caller) in (0..).zip(new.iter_mut()).chain((0..).zip(&mut joined)) {
        assert_ready_eq!(caller.poll(), key);
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_hidden_group_forgets_through_the_list() {
    #[coalesce(name = "forget::hidden", key = ())]
    async fn hidden(gate: &Gate) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    let mut old = task::spawn(hidden(&gate));
    assert_pending!(old.poll());
    let group = groups()
        .into_iter()
        .find(|group| group.name() == "forget::hidden")
        .unwrap();
    assert_eq!(group.in_flight(), 1);
    group.forget_all();
    let mut new = task::spawn(hidden(&gate));
    assert_pending!(new.poll());
    assert_eq!((gate.bodies_started(), group.in_flight()), (2, 2));
    gate.open();
    assert_ready_eq!(old.poll(), 49);
    assert_ready_eq!(new.poll(), 49);
}
