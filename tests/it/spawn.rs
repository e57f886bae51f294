//! Bodies on tasks of their own: a dropped caller costs no restart.

use crate::support::{Gate, all_have, begin, caught, unwinds};
use coalesced::{Config, Group, coalesce, groups};
use std::sync::Arc;
use tokio::task::yield_now;
use tokio_test::{assert_pending, assert_ready_eq, task};

/// The bodies are on this test's runtime, which runs them while it yields.
async fn let_run() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[coalesce(spawn, key = gate.id)]
async fn spawned(gate: Arc<Gate>) -> u64 {
    gate.pass().await;
    49
}

#[coalesce(detach, key = gate.id)]
async fn detached(gate: Arc<Gate>) -> u64 {
    gate.pass().await;
    49
}

#[tokio::test]
async fn a_dropped_leader_costs_no_restart() {
    let gate = Gate::closed();
    let [owner, mut follower] = begin(|| spawned(Arc::clone(&gate)));
    let_run().await;
    assert_eq!(gate.bodies_active(), 1);
    drop(owner);
    let_run().await;
    assert!(!follower.is_woken());
    assert_eq!((gate.bodies_started(), gate.bodies_active()), (1, 1));
    gate.open();
    let_run().await;
    assert_ready_eq!(follower.poll(), 49);
    assert_eq!(gate.bodies_started(), 1);
}

#[tokio::test]
async fn the_body_runs_while_its_owner_is_not_polled() {
    let gate = Gate::opened();
    let [parked, follower] = begin(|| spawned(Arc::clone(&gate)));
    let_run().await;
    all_have(&mut [follower, parked], 49);
    assert_eq!(gate.bodies_started(), 1);
}

#[tokio::test]
async fn aborted_when_the_last_caller_goes() {
    for owner_first in [true, false] {
        let gate = Gate::closed();
        let [owner, follower] = begin(|| spawned(Arc::clone(&gate)));
        let_run().await;
        if owner_first {
            drop(owner);
            let_run().await;
            assert_eq!(gate.bodies_active(), 1);
            drop(follower);
        } else {
            drop(follower);
            let_run().await;
            assert_eq!(gate.bodies_active(), 1);
            drop(owner);
        }
        let_run().await;
        assert_eq!(gate.bodies_active(), 0, "nobody waits for it");
        gate.open();
        let [mut next] = begin(|| spawned(Arc::clone(&gate)));
        let_run().await;
        assert_ready_eq!(next.poll(), 49);
        assert_eq!(gate.bodies_started(), 2);
    }
}

#[tokio::test]
async fn a_newcomer_waits_until_the_aborted_body_is_gone() {
    let gate = Gate::closed();
    let [owner] = begin(|| spawned(Arc::clone(&gate)));
    let_run().await;
    drop(owner);
    // Aborted, and still there: the runtime has not come to it.
    assert_eq!(gate.bodies_active(), 1);
    let [mut newcomer] = begin(|| spawned(Arc::clone(&gate)));
    let_run().await;
    assert_eq!(gate.bodies_active(), 0);
    assert!(newcomer.is_woken());
    assert_pending!(newcomer.poll());
    let_run().await;
    assert_eq!((gate.bodies_started(), gate.most_at_once()), (2, 1));
    gate.open();
    let_run().await;
    assert_ready_eq!(newcomer.poll(), 49);
}

#[tokio::test]
async fn a_detached_body_runs_to_its_end() {
    let gate = Gate::closed();
    let [owner] = begin(|| detached(Arc::clone(&gate)));
    let_run().await;
    drop(owner);
    let_run().await;
    assert_eq!(gate.bodies_active(), 1);
    // A newcomer may join it.
    let [newcomer] = begin(|| detached(Arc::clone(&gate)));
    assert_eq!(gate.bodies_started(), 1);
    drop(newcomer);
    gate.open();
    let_run().await;
    assert_eq!(gate.bodies_active(), 0);
    let name = "it::spawn::detached";
    let group = groups()
        .into_iter()
        .find(|group| group.name() == name)
        .unwrap();
    assert_eq!((group.in_flight(), group.stats().abandoned), (0, 0));
}

#[tokio::test]
async fn a_panic_reaches_the_callers() {
    #[coalesce(spawn, key = gate.id)]
    async fn explode(gate: Arc<Gate>) -> u64 {
        gate.pass().await;
        std::panic::panic_any(418_u16)
    }

    let gate = Gate::closed();
    let [mut owner, mut follower] = begin(|| explode(Arc::clone(&gate)));
    gate.open();
    let_run().await;
    let panic = caught(|| owner.poll());
    assert_eq!(panic.downcast_ref(), Some(&418_u16), "the original");
    let panic = unwinds(|| follower.poll());
    assert!(panic.contains("explode` that this one waited for panicked"));
}

#[test]
fn without_a_runtime_it_says_so() {
    let gate = Gate::opened();
    let mut call = task::spawn(spawned(Arc::clone(&gate)));
    let panic = unwinds(|| call.poll());
    assert!(
        panic.starts_with(
            "the body of `it::spawn::spawned` is to be spawned, and there is no Tokio runtime"
        ),
        "{panic}"
    );
    drop(call);
    assert_eq!(gate.bodies_started(), 0);
}

#[test]
fn a_runtime_that_shuts_down_hands_over() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let (first, second) = (runtime(), runtime());
    let gate = Gate::closed();
    let mut owner = task::spawn(spawned(Arc::clone(&gate)));
    let mut follower = task::spawn(spawned(Arc::clone(&gate)));
    first.block_on(async {
        assert_pending!(owner.poll());
        let_run().await;
    });
    assert_pending!(follower.poll());
    drop(first);
    assert_eq!(gate.bodies_active(), 0);
    assert_eq!(
        unwinds(|| owner.poll()),
        "the runtime on which the body of `it::spawn::spawned` ran has shut down"
    );
    assert!(follower.is_woken());
    gate.open();
    second.block_on(async {
        assert_pending!(follower.poll());
        let_run().await;
    });
    assert_ready_eq!(follower.poll(), 49);
}

#[tokio::test]
async fn an_error_that_is_not_shared_comes_back_to_its_owner() {
    #[coalesce(spawn, share = ok, key = gate.id)]
    async fn fail(gate: Arc<Gate>) -> Result<u64, String> {
        gate.pass().await;
        Err(gate.bodies_started().to_string())
    }

    let gate = Gate::closed();
    let [mut first, mut second, mut third] = begin(|| fail(Arc::clone(&gate)));
    gate.open();
    let_run().await;
    assert_ready_eq!(first.poll(), Err("1".to_owned()));
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    let_run().await;
    assert_ready_eq!(second.poll(), Err("2".to_owned()));
    assert_pending!(third.poll());
    let_run().await;
    assert_ready_eq!(third.poll(), Err("3".to_owned()));
}

/// The failed leader's drop took the next body for its own, and aborted it: that caller was told that its runtime
/// had shut down.
#[tokio::test]
async fn a_failed_leader_that_goes_late_does_not_abort_its_heir() {
    #[coalesce(spawn, share = ok, key = gate.id)]
    async fn fails_once(gate: Arc<Gate>) -> Result<u64, ()> {
        let _body = gate.body();
        if gate.bodies_started() == 1 {
            return Err(());
        }
        yield_now().await;
        Ok(49)
    }

    for is_polled in [true, false] {
        let gate = Gate::closed();
        let mut failed = task::spawn(fails_once(Arc::clone(&gate)));
        let mut heir = task::spawn(fails_once(Arc::clone(&gate)));
        assert_pending!(failed.poll());
        assert_pending!(heir.poll());
        let_run().await;
        assert!(heir.is_woken());
        assert_pending!(heir.poll());
        if is_polled {
            assert_ready_eq!(failed.poll(), Err(()));
        }
        drop(failed);
        let_run().await;
        assert_ready_eq!(heir.poll(), Ok(49));
        assert_eq!(gate.bodies_started(), 2);
    }
}

/// The same where the first body went with its runtime.
#[test]
fn an_owner_whose_runtime_has_ended_does_not_abort_its_heir() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let (first, second) = (runtime(), runtime());
    let gate = Gate::closed();
    let mut owner = task::spawn(spawned(Arc::clone(&gate)));
    let mut heir = task::spawn(spawned(Arc::clone(&gate)));
    first.block_on(async {
        assert_pending!(owner.poll());
        assert_pending!(heir.poll());
        let_run().await;
    });
    drop(first);
    second.block_on(async {
        assert_pending!(heir.poll());
        drop(owner);
        let_run().await;
        assert_eq!(gate.bodies_active(), 1);
        gate.open();
        let_run().await;
        assert_ready_eq!(heir.poll(), 49);
    });
}

#[tokio::test]
async fn alone_it_is_spawned_as_well() {
    #[coalesce(spawn, config = Config::disabled(), key = gate.id)]
    async fn alone(gate: Arc<Gate>) -> u64 {
        gate.pass().await;
        49
    }

    let gate = Gate::closed();
    let [mut kept, dropped] = begin(|| alone(Arc::clone(&gate)));
    let_run().await;
    assert_eq!(gate.bodies_active(), 2);
    drop(dropped);
    let_run().await;
    assert_eq!(gate.bodies_active(), 1);
    gate.open();
    let_run().await;
    assert_ready_eq!(kept.poll(), 49);
}

struct Users {
    flights: Group<u64, String>,
    gate: Arc<Gate>,
}

impl Users {
    #[coalesce(spawn, group = self.flights)]
    async fn user(self: Arc<Self>, id: u64) -> String {
        self.gate.pass().await;
        id.to_string()
    }
}

#[tokio::test]
async fn a_method_of_an_arc() {
    let users = Arc::new(Users {
        flights: Group::new(),
        gate: Gate::opened(),
    });
    let (a, b) = tokio::join!(Arc::clone(&users).user(7), Arc::clone(&users).user(7));
    assert_eq!((a.as_str(), b.as_str()), ("7", "7"));
    assert_eq!(
        (users.gate.bodies_started(), users.flights.in_flight()),
        (1, 0)
    );
}

/// Callers come and go on two threads.
#[test]
fn never_two_bodies_at_once_while_callers_are_dropped() {
    let gate = Gate::opened();

    #[coalesce(spawn, key = gate.id)]
    async fn body(gate: Arc<Gate>) -> u64 {
        let _body = gate.body();
        yield_now().await;
        yield_now().await;
        49
    }

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..8_u64)
            .map(|task| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let mut random = task + 1;
                    for _ in 0..2_000 {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        let patience = random % 6;
                        tokio::select! {
                            biased;
                            value = body(Arc::clone(&gate)) => assert_eq!(value, 49),
                            () = async { for _ in 0..patience { yield_now().await; } } => {}
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        // The last ones may still be on their way out.
        while gate.bodies_active() > 0 {
            yield_now().await;
        }
    });
    assert_eq!(gate.most_at_once(), 1);
    drop(runtime);
    let name = "it::spawn::never_two_bodies_at_once_while_callers_are_dropped::body";
    let group = groups()
        .into_iter()
        .find(|group| group.name() == name)
        .unwrap();
    let stats = group.stats();
    assert_eq!((stats.in_flight, stats.waiting), (0, 0), "{stats}");
}
