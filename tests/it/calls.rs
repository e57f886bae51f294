//! Who shares with whom: identical calls that overlap, and no others.

use crate::support::Gate;
use coalesced::{Group, coalesce};
use std::{
    hash::{Hash, Hasher},
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

#[coalesce(key = (gate.id, id))]
async fn square(gate: &Gate, id: u64) -> u64 {
    gate.pass().await;
    id * id
}

#[test]
fn overlapping_identical_calls_run_one_body() {
    let gate = Gate::closed();
    let mut callers: Vec<_> = (0..100).map(|_| task::spawn(square(&gate, 7))).collect();
    for caller in &mut callers {
        assert_pending!(caller.poll());
    }
    gate.open();
    for caller in &mut callers {
        assert_ready_eq!(caller.poll(), 49);
    }
    assert_eq!(gate.bodies_started(), 1);
}

#[test]
fn a_call_starts_when_it_is_first_polled() {
    let gate = Gate::opened();
    let mut early = task::spawn(square(&gate, 7));
    let mut late = task::spawn(square(&gate, 7));
    assert_ready_eq!(late.poll(), 49);
    assert_ready_eq!(early.poll(), 49);
    assert_eq!(
        gate.bodies_started(),
        2,
        "`early` started after `late` had landed"
    );
}

#[test]
fn a_call_after_the_landing_runs_anew() {
    let gate = Gate::opened();
    for bodies in 1..=3 {
        assert_ready_eq!(task::spawn(square(&gate, 7)).poll(), 49);
        assert_eq!(gate.bodies_started(), bodies);
    }
}

#[test]
fn a_finished_value_is_never_given_to_a_later_call() {
    let gate = Gate::closed();
    let mut leader = task::spawn(square(&gate, 7));
    let mut old = task::spawn(square(&gate, 7));
    assert_pending!(leader.poll());
    assert_pending!(old.poll());
    gate.open();
    assert_ready_eq!(leader.poll(), 49);

    // The old follower has been woken, and is still held.
    assert!(old.is_woken());
    gate.close();
    let mut new = task::spawn(square(&gate, 7));
    assert_pending!(new.poll(), "a body of its own waits at the gate");
    assert_eq!(gate.bodies_started(), 2);
    assert_ready_eq!(old.poll(), 49, "the old one has its value all the same");
    gate.open();
    assert_ready_eq!(new.poll(), 49);
}

/// A flight leaves the map before its value is published, so that not even a call that starts in
/// between, as from a follower's waker, is given what is finished.
#[test]
fn a_call_that_starts_while_a_flight_lands_runs_anew() {
    struct Starts {
        group: Arc<Group<u64, u64>>,
        values: Mutex<Vec<u64>>,
    }

    impl Wake for Starts {
        fn wake(self: Arc<Self>) {
            let mut call = task::spawn(self.group.call(7, async { 2 }));
            self.values.lock().unwrap().push(assert_ready!(call.poll()));
        }
    }

    let group = Arc::new(Group::<u64, u64>::new());
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            1
        })
    };
    let mut leader = task::spawn(call());
    assert_pending!(leader.poll());
    let waker = Arc::new(Starts {
        group: Arc::clone(&group),
        values: Mutex::default(),
    });
    let mut follower = pin!(call());
    let as_waker = Waker::from(Arc::clone(&waker));
    let mut cx = Context::from_waker(&as_waker);
    assert!(follower.as_mut().poll(&mut cx).is_pending());
    gate.open();
    assert_ready_eq!(leader.poll(), 1);
    assert_eq!(*waker.values.lock().unwrap(), [2]);
    assert_eq!(group.stats().led, 2);
}

#[test]
fn calls_of_other_keys_never_wait() {
    let (closed, open) = (Gate::closed(), Gate::opened());
    let mut held: Vec<_> = (0..1_000)
        .map(|id| task::spawn(square(&closed, id)))
        .collect();
    for caller in &mut held {
        assert_pending!(caller.poll());
    }
    for id in 0..1_000 {
        assert_ready_eq!(task::spawn(square(&open, id)).poll(), id * id);
    }
    assert_eq!(
        (closed.bodies_started(), open.bodies_started()),
        (1_000, 1_000)
    );
}

/// A key whose hash says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Colliding(u64);

impl Hash for Colliding {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn keys_are_compared_and_not_only_hashed() {
    static GROUP: Group<Colliding, u64> = Group::new();
    let gate = Gate::closed();
    let keys: Vec<_> = (0..50).map(Colliding).collect();
    let call = |id: u64| {
        let gate = &gate;
        task::spawn(GROUP.call(&keys[id as usize], async move {
            gate.pass().await;
            id
        }))
    };
    let mut leaders: Vec<_> = (0..50).map(call).collect();
    let mut followers: Vec<_> = (0..50).map(call).collect();
    for caller in leaders.iter_mut().chain(&mut followers) {
        assert_pending!(caller.poll());
    }
    assert_eq!(gate.bodies_started(), 50);

    // Also when flights are forgotten, abandoned and landed one by one.
    assert!(GROUP.forget(&Colliding(3)));
    drop(leaders.remove(20));
    gate.open();
    for (id, caller) in leaders.iter_mut().enumerate() {
        let id = if id < 20 { id } else { id + 1 };
        assert_ready_eq!(caller.poll(), id as u64);
    }
    for (id, caller) in followers.iter_mut().enumerate() {
        assert_ready_eq!(caller.poll(), id as u64);
    }
    assert_eq!(
        gate.bodies_started(),
        51,
        "one for the leader that was dropped"
    );
    assert_eq!(GROUP.in_flight(), 0);
}

#[test]
fn errors_are_shared_like_any_value() {
    #[coalesce(key = gate.id)]
    async fn fail(gate: &Gate) -> Result<(), String> {
        gate.pass().await;
        Err("no such user".to_owned())
    }

    let gate = Gate::closed();
    let mut leader = task::spawn(fail(&gate));
    let mut follower = task::spawn(fail(&gate));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    gate.open();
    assert_ready_eq!(leader.poll(), Err("no such user".to_owned()));
    assert_ready_eq!(follower.poll(), Err("no such user".to_owned()));
    assert_eq!(gate.bodies_started(), 1);
}
