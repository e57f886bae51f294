//! Two threads, many calls. `.ci/run` runs these in release.

use crate::support::{Gate, allocations};
use coalesced::{Group, coalesce};
use std::{future::pending, sync::Arc};
use tokio_test::{
    assert_pending,
    task::{self, Spawn},
};

fn two_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

const CALLS: u64 = if cfg!(debug_assertions) {
    10_000
} else {
    100_000
};

#[test]
fn never_two_bodies_of_one_key_at_once() {
    #[coalesce(key = gate.id)]
    async fn body(gate: Arc<Gate>) -> u64 {
        let _body = gate.body();
        tokio::task::yield_now().await;
        gate.id
    }

    let gate = Gate::opened();
    two_threads().block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    for _ in 0..CALLS {
                        assert_eq!(body(Arc::clone(&gate)).await, gate.id);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!((gate.most_at_once(), gate.bodies_active()), (1, 0));
    assert!(gate.bodies_started() as u64 <= 8 * CALLS);
}

/// The same, while callers are dropped at random, so that leaders change all the time.
#[test]
fn never_two_bodies_of_one_flight_while_leaders_are_dropped() {
    let group = Arc::new(Group::<u64, u64>::new());
    let gate = Gate::opened();
    two_threads().block_on(async {
        let tasks: Vec<_> = (0..8_u64)
            .map(|task| {
                let (group, gate) = (Arc::clone(&group), Arc::clone(&gate));
                tokio::spawn(async move {
                    let mut random = task + 1;
                    let mut answered = 0;
                    for _ in 0..CALLS {
                        random ^= random << 13;
                        random ^= random >> 7;
                        random ^= random << 17;
                        let mut call = Box::pin(group.call(7, async {
                            let _body = gate.body();
                            tokio::task::yield_now().await;
                            tokio::task::yield_now().await;
                            49
                        }));
                        let patience = random % 5;
                        let polled = tokio::select! {
                            biased;
                            value = &mut call => Some(value),
                            () = async {
                                for _ in 0..patience {
                                    tokio::task::yield_now().await;
                                }
                            } => None,
                        };
                        answered += u64::from(polled == Some(49));
                    }
                    answered
                })
            })
            .collect();
        for task in tasks {
            assert!(task.await.unwrap() > 0);
        }
    });
    assert_eq!((gate.most_at_once(), gate.bodies_active()), (1, 0));
    let stats = group.stats();
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
    assert_eq!(stats.calls, 8 * CALLS);
    assert_eq!(stats.led + stats.takeovers, gate.bodies_started() as u64);
}

const KEYS: u64 = 100_000;

/// So many callers in flight, each with a key that no round before had.
fn callers(group: &Group<u64, String>, round: u64) -> Vec<Spawn<impl Future<Output = String>>> {
    let keys = round * KEYS..(round + 1) * KEYS;
    let mut calls: Vec<_> = keys
        .map(|key| task::spawn(group.call(key, pending())))
        .collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(group.in_flight(), KEYS as usize);
    calls
}

#[test]
fn a_hundred_thousand_keys_cancelled_in_flight() {
    let group = Group::new();
    let round = |round| drop(callers(&group, round));
    let live: Vec<_> = (0..6)
        .map(|number| allocations(|| round(number)).1.live)
        .collect();
    assert_eq!(group.in_flight(), 0);
    assert!(live[1] < live[0], "the map has grown once: {live:?}");
    assert!(
        live[1..].iter().all(|again| *again <= live[1] + 100_000),
        "the map has grown again: {live:?}"
    );
}

/// The group may have more locks then, whenever the two wait for each other: so memory is looked at above.
#[test]
fn a_hundred_thousand_keys_cancelled_by_two_threads() {
    let group = Group::new();
    for round in 0..3 {
        let mut calls = callers(&group, round);
        let other = calls.split_off(KEYS as usize / 2);
        std::thread::scope(|scope| {
            scope.spawn(|| drop(other));
            drop(calls);
        });
        assert_eq!(group.in_flight(), 0);
    }
}
