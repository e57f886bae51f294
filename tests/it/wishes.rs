//! `fresh`, `alone` and `observe`: for the first coalesced call in them, and for none below it.

use crate::support::Gate;
use coalesced::{Group, Role, alone, coalesce, fresh, groups, observe};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

#[coalesce(key = (gate.id, id))]
async fn inner(gate: &Gate, id: u64) -> u64 {
    gate.pass().await;
    id
}

#[coalesce(key = (gate.id, id))]
async fn outer(gate: &Gate, id: u64) -> u64 {
    inner(gate, id).await + 1
}

#[test]
fn a_fresh_call_joins_nothing_and_takes_the_keys_place() {
    let gate = Gate::closed();
    let (mut old, mut follower) = (task::spawn(inner(&gate, 7)), task::spawn(inner(&gate, 7)));
    assert_pending!(old.poll());
    assert_pending!(follower.poll());
    let mut newer = task::spawn(fresh(inner(&gate, 7)));
    assert_pending!(newer.poll());
    assert_eq!(gate.bodies_active(), 2);
    let mut later = task::spawn(inner(&gate, 7));
    assert_pending!(later.poll());
    assert_eq!(gate.bodies_active(), 2, "later callers join the newer one");
    drop(newer);
    assert_pending!(later.poll());
    assert_eq!(gate.bodies_started(), 3);
    gate.open();
    assert_ready_eq!(old.poll(), 7);
    assert_ready_eq!(follower.poll(), 7);
    assert_ready_eq!(later.poll(), 7);
}

#[test]
fn a_call_alone_shares_with_nobody() {
    let gate = Gate::closed();
    let mut by_itself = task::spawn(alone(inner(&gate, 7)));
    assert_pending!(by_itself.poll());
    let mut leader = task::spawn(inner(&gate, 7));
    assert_pending!(leader.poll());
    let mut another = task::spawn(alone(inner(&gate, 7)));
    assert_pending!(another.poll());
    assert_eq!(gate.bodies_active(), 3);
    gate.open();
    assert_ready_eq!(by_itself.poll(), 7);
    assert_ready_eq!(leader.poll(), 7);
    assert_ready_eq!(another.poll(), 7);
}

#[test]
fn calls_of_the_body_are_not_concerned() {
    let gate = Gate::closed();
    let mut below = task::spawn(inner(&gate, 7));
    assert_pending!(below.poll());
    for wished in [true, false] {
        let call = async {
            if wished {
                fresh(outer(&gate, 7)).await
            } else {
                alone(outer(&gate, 7)).await
            }
        };
        let mut call = task::spawn(call);
        assert_pending!(call.poll());
        assert_eq!(gate.bodies_active(), 1, "its body joined the call below");
    }
}

#[test]
fn calls_after_the_first_are_not_concerned() {
    let gate = Gate::opened();
    let group = Group::<u64, u64>::new();
    let two = alone(async {
        group.call(7, async { 1 }).await;
        gate.close();
        group
            .call(7, async {
                gate.pass().await;
                2
            })
            .await
    });
    let mut two = task::spawn(two);
    assert_pending!(two.poll());
    let stats = group.stats();
    assert_eq!((stats.alone, stats.led), (1, 1));
}

#[test]
fn a_call_that_starts_at_a_later_poll_is_still_the_first() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let mut wished = task::spawn(alone(async {
        gate.pass().await;
        group.call(7, async { 1 }).await
    }));
    assert_pending!(wished.poll());
    // Another call of this thread, in between, is none of its business.
    assert_ready_eq!(task::spawn(group.call(7, async { 1 })).poll(), 1);
    gate.open();
    assert_ready_eq!(wished.poll(), 1);
    let stats = group.stats();
    assert_eq!((stats.alone, stats.led), (1, 1));
}

/// It was a panic in debug builds: of a handler that looks into its cache first.
#[test]
fn a_wish_around_what_a_cache_answers_does_nothing() {
    assert_ready_eq!(task::spawn(fresh(async { 1 })).poll(), 1);
    assert_ready_eq!(task::spawn(alone(async { 1 })).poll(), 1);
    let group = Group::<u64, u64>::new();
    let mut next = task::spawn(group.call(7, async { 2 }));
    assert_ready_eq!(next.poll(), 2);
    assert_eq!(group.stats().alone, 0, "the wish is gone with its wrapper");
}

/// The outer one reported `None`: a middleware that observes hid what a handler observes, or the other way.
#[test]
fn each_observer_of_a_call_is_told() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        group.call(7, async {
            gate.pass().await;
            49
        })
    };
    let mut leader = task::spawn(observe(fresh(observe(call()))));
    let mut follower = task::spawn(observe(observe(observe(call()))));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    gate.open();
    let ((value, inner), outer) = assert_ready!(leader.poll());
    let report = outer.unwrap();
    assert_eq!(
        (value, report.role, report.followers),
        (49, Role::Leader, 1)
    );
    assert_eq!(inner, outer);
    let (((value, first), second), third) = assert_ready!(follower.poll());
    let report = third.unwrap();
    assert_eq!(
        (value, report.role, report.followers),
        (49, Role::Follower, 0)
    );
    assert_eq!((first, second), (second, third));
}

#[test]
fn forms_of_a_group() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let body = || async {
        gate.pass().await;
        49
    };
    let mut leader = task::spawn(group.call(7, body()));
    let mut fresh = task::spawn(group.fresh(7, body()));
    let mut alone = task::spawn(group.alone(7, body()));
    let mut observed = task::spawn(group.observe(7, body()));
    assert_pending!(leader.poll());
    assert_pending!(fresh.poll());
    assert_pending!(alone.poll());
    assert_pending!(observed.poll());
    assert_eq!(gate.bodies_active(), 3);
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    assert_ready_eq!(fresh.poll(), 49);
    assert_ready_eq!(alone.poll(), 49);
    let (value, report) = assert_ready!(observed.poll());
    assert_eq!((value, report.unwrap().role), (49, Role::Follower));
}

#[cfg(feature = "time")] // a clock that can be paused
#[tokio::test(start_paused = true)]
async fn what_became_of_a_call() {
    use std::time::Duration;
    use tokio::time::{advance, sleep};

    #[coalesce(key = ())]
    async fn slow() -> u64 {
        sleep(Duration::from_millis(100)).await;
        49
    }

    let mut leader = task::spawn(observe(slow()));
    let mut first = task::spawn(observe(slow()));
    assert_pending!(leader.poll());
    assert_pending!(first.poll());
    advance(Duration::from_millis(30)).await;
    let mut second = task::spawn(observe(slow()));
    assert_pending!(second.poll());
    drop(leader);
    assert_pending!(first.poll());
    advance(Duration::from_millis(101)).await;
    let (value, report) = assert_ready!(first.poll());
    let report = report.unwrap();
    assert_eq!(
        (value, report.role, report.takeovers),
        (49, Role::Leader, 1)
    );
    assert_eq!(report.waited, Duration::from_millis(30));
    let report = assert_ready!(second.poll()).1.unwrap();
    assert_eq!((report.role, report.takeovers), (Role::Follower, 1));
    assert_eq!(report.waited, Duration::from_millis(101));

    let mut lone = task::spawn(observe(slow()));
    assert_pending!(lone.poll());
    advance(Duration::from_millis(101)).await;
    let report = assert_ready!(lone.poll()).1.unwrap();
    assert_eq!(
        (report.role, report.waited, report.takeovers),
        (Role::Leader, Duration::ZERO, 0)
    );
}

#[test]
fn wishes_go_together() {
    let gate = Gate::closed();
    let mut leader = task::spawn(inner(&gate, 7));
    assert_pending!(leader.poll());
    gate.open();
    for (call, role) in [(true, Role::Leader), (false, Role::Alone)] {
        let gate = &gate;
        let call = observe(async move {
            if call {
                fresh(inner(gate, 7)).await
            } else {
                alone(inner(gate, 7)).await
            }
        });
        let (value, report) = assert_ready!(task::spawn(call).poll());
        assert_eq!((value, report.unwrap().role), (7, role));
    }
    assert_eq!(gate.bodies_started(), 3);
    let nothing = assert_ready!(task::spawn(observe(async { 1 })).poll());
    assert_eq!(nothing, (1, None));
}

#[test]
fn how_many_a_leader_was_shared_with() {
    #[coalesce(key = gate.id, share = ok)]
    async fn fallible(gate: &Gate, fails: bool) -> Result<u64, ()> {
        gate.pass().await;
        if fails { Err(()) } else { Ok(49) }
    }

    for (fails, dropped, shared) in [(false, 0, 3), (false, 1, 2), (true, 0, 0)] {
        let gate = Gate::closed();
        let mut leader = task::spawn(observe(fallible(&gate, fails)));
        assert_pending!(leader.poll());
        let followers: Vec<_> = (0..3)
            .map(|_| {
                let mut follower = task::spawn(fallible(&gate, false));
                assert_pending!(follower.poll());
                follower
            })
            .skip(dropped)
            .collect();
        gate.open();
        let report = assert_ready!(leader.poll()).1.unwrap();
        assert_eq!((report.role, report.followers), (Role::Leader, shared));
        drop(followers);
    }
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn how_many_a_spawned_body_was_shared_with() {
    #[coalesce(spawn, key = gate.id)]
    async fn spawned(gate: std::sync::Arc<Gate>) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    let leader = tokio::spawn(observe(spawned(gate.clone())));
    while gate.bodies_active() == 0 {
        tokio::task::yield_now().await;
    }
    let mut follower = task::spawn(spawned(gate.clone()));
    assert_pending!(follower.poll());
    gate.open();
    let (value, report) = leader.await.unwrap();
    assert_eq!((value, report.unwrap().followers), (49, 1));
}

#[test]
fn a_bypassed_call_takes_the_wish_too() {
    #[coalesce(bypass = true, name = "wishes::bypassed")]
    async fn bypassed(id: u64) -> u64 {
        id
    }

    let (value, report) = assert_ready!(task::spawn(observe(bypassed(7))).poll());
    assert_eq!((value, report.unwrap().role), (7, Role::Alone));
    let group = groups()
        .into_iter()
        .find(|group| group.name() == "wishes::bypassed");
    assert_eq!(group.unwrap().stats().alone, 1);
}
