//! `is_forgotten`: a body learns that no later call joins its flight.

use crate::support::Gate;
use coalesced::{Config, Group, Registry, alone, coalesce, forget, fresh, is_forgotten};
use tokio_test::{assert_pending, assert_ready_eq, task};

/// Whether it was forgotten: before the gate, and after.
#[coalesce(registry = calls, key = id)]
async fn body(calls: &Registry, gate: &Gate, id: u64) -> (bool, bool) {
    let before = is_forgotten();
    gate.pass().await;
    (before, is_forgotten())
}

#[test]
fn by_forget_fresh_and_forget_all() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let call = |id| body(&calls, &gate, id);
    let mut left_alone = task::spawn(call(1));
    let mut forgotten = task::spawn(call(2));
    let mut stale = task::spawn(call(3));
    assert_pending!(left_alone.poll());
    assert_pending!(forgotten.poll());
    assert_pending!(stale.poll());
    assert_ready_eq!(task::spawn(forget(call(2))).poll(), true);
    let mut newer = task::spawn(call(2));
    let mut fresh = task::spawn(fresh(call(3)));
    assert_pending!(newer.poll());
    assert_pending!(fresh.poll());
    gate.open();
    assert_ready_eq!(left_alone.poll(), (false, false));
    assert_ready_eq!(forgotten.poll(), (false, true));
    assert_ready_eq!(newer.poll(), (false, false));
    assert_ready_eq!(stale.poll(), (false, true));
    assert_ready_eq!(fresh.poll(), (false, false));

    gate.close();
    let mut all = task::spawn(call(4));
    assert_pending!(all.poll());
    calls.forget_all();
    gate.open();
    assert_ready_eq!(all.poll(), (false, true));
    assert!(!is_forgotten(), "this is no body");
}

#[test]
fn by_a_limit() {
    let calls = Registry::new().with_config(Config::new().max_followers(1));
    let gate = Gate::closed();
    let mut callers = [(); 3].map(|()| task::spawn(body(&calls, &gate, 7)));
    for caller in &mut callers {
        assert_pending!(caller.poll());
    }
    gate.open();
    let [full, follower, newer] = &mut callers;
    assert_ready_eq!(full.poll(), (false, true));
    assert_ready_eq!(follower.poll(), (false, true));
    assert_ready_eq!(newer.poll(), (false, false));
}

#[test]
fn who_takes_over_knows_from_its_start() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let mut leader = task::spawn(body(&calls, &gate, 7));
    let mut follower = task::spawn(body(&calls, &gate, 7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    calls.forget_all();
    drop(leader);
    assert_pending!(follower.poll());
    gate.open();
    assert_ready_eq!(follower.poll(), (true, true));
}

/// Nobody could have it forgotten, so what it read may be older than any write.
#[test]
fn of_a_body_that_runs_alone() {
    #[coalesce(registry = calls, key = id, bypass = id == 2)]
    async fn bypassed(calls: &Registry, id: u64) -> bool {
        is_forgotten()
    }

    let (calls, gate) = (Registry::new(), Gate::opened());
    let call = |id| body(&calls, &gate, id);
    assert_ready_eq!(task::spawn(call(1)).poll(), (false, false));
    assert_ready_eq!(task::spawn(alone(call(1))).poll(), (true, true));
    assert_ready_eq!(task::spawn(bypassed(&calls, 1)).poll(), false);
    assert_ready_eq!(task::spawn(bypassed(&calls, 2)).poll(), true);
    calls.set_config(Config::disabled());
    assert_ready_eq!(task::spawn(call(1)).poll(), (true, true));

    let crowded = Registry::new().with_config(Config::new().max_in_flight(1));
    let gate = Gate::closed();
    let mut first = task::spawn(body(&crowded, &gate, 1));
    let mut one_too_many = task::spawn(body(&crowded, &gate, 2));
    assert_pending!(first.poll());
    assert_pending!(one_too_many.poll());
    gate.open();
    assert_ready_eq!(first.poll(), (false, false));
    assert_ready_eq!(one_too_many.poll(), (true, true));
}

/// The body of a call alone asked about the flight around it.
#[test]
fn it_is_about_the_innermost_body() {
    let (calls, gate) = (Registry::new(), Gate::closed());
    let group = Group::<u64, (bool, [bool; 2], bool)>::new();
    let mut outer = task::spawn(group.call(7, async {
        let calls = &calls;
        let by_itself = alone(body(calls, &gate, 1)).await;
        let below = fresh(body(calls, &gate, 2)).await;
        (is_forgotten(), [by_itself.0, by_itself.1], below.1)
    }));
    assert_pending!(outer.poll());
    assert!(group.forget(7));
    gate.open();
    assert_ready_eq!(outer.poll(), (true, [true, true], false));
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn in_a_spawned_body() {
    use std::sync::Arc;
    use tokio::task::yield_now;

    #[coalesce(spawn, key = gate.id)]
    async fn spawned(gate: Arc<Gate>) -> bool {
        gate.pass().await;
        is_forgotten()
    }

    let gate = Gate::closed();
    let call = tokio::spawn(spawned(Arc::clone(&gate)));
    while gate.bodies_active() == 0 {
        yield_now().await;
    }
    assert!(forget(spawned(Arc::clone(&gate))).await);
    gate.open();
    assert!(call.await.unwrap());
}

#[test]
fn in_a_plain_function() {
    #[coalesce(registry = calls)]
    fn plain(calls: &Registry) -> [bool; 2] {
        let before = is_forgotten();
        calls.forget_all();
        [before, is_forgotten()]
    }

    assert_eq!(plain(&Registry::new()), [false, true]);
}
