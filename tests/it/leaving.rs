//! Callers that are dropped leave nothing behind, and nobody else notices.

use crate::support::{Gate, Noisy, Scene, all_have, allocations};
use coalesced::Group;
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn a_follower_is_dropped_and_nobody_notices() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = || {
        task::spawn(group.call(7, async {
            gate.pass().await;
            49
        }))
    };
    let mut leader = call();
    assert_pending!(leader.poll());
    let mut followers: Vec<_> = (0..10).map(|_| call()).collect();
    for follower in &mut followers {
        assert_pending!(follower.poll());
    }
    assert_eq!(group.stats().waiting, 10);
    followers.truncate(3);
    assert_eq!(group.stats().waiting, 3);
    assert!(!leader.is_woken());
    assert!(followers.iter_mut().all(|follower| !follower.is_woken()));
    gate.open();
    assert_ready_eq!(leader.poll(), 49);
    for follower in &mut followers {
        assert_ready_eq!(follower.poll(), 49);
    }
    assert_eq!(gate.bodies_started(), 1);
}

#[test]
fn the_last_follower_of_an_abandoned_flight_is_dropped() {
    let group = Group::<u64, u64>::new();
    let call = || task::spawn(group.call(7, pending()));
    let (mut leader, mut follower) = (call(), call());
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(leader);
    assert_eq!(group.in_flight(), 1, "the follower may lead it");
    drop(follower);
    assert_eq!(group.in_flight(), 0);
    let stats = group.stats();
    assert_eq!((stats.abandoned, stats.takeovers, stats.waiting), (1, 0, 0));
}

#[test]
fn every_caller_is_dropped_and_the_key_and_the_value_are_gone_at_once() {
    let keys = Arc::new(AtomicIsize::new(0));
    let group = Group::<Noisy, u64>::new();
    let count = Arc::clone(&keys);
    let key = Noisy::new(7, move |what| match what {
        "clone" => drop(count.fetch_add(1, SeqCst)),
        "drop" => drop(count.fetch_sub(1, SeqCst)),
        _ => {}
    });
    for callers in 1..4 {
        let mut calls: Vec<_> = (0..callers)
            .map(|_| task::spawn(group.call(&key, pending())))
            .collect();
        for call in &mut calls {
            assert_pending!(call.poll());
        }
        assert_eq!(keys.load(SeqCst), 1, "one owned key for all {callers}");
        drop(calls);
        assert_eq!((keys.load(SeqCst), group.in_flight()), (0, 0));
    }
}

#[test]
fn a_call_that_is_never_polled_leaves_nothing() {
    let group = Group::<u64, u64>::new();
    drop(group.call(7, async { 49 }));
    assert_eq!((group.in_flight(), group.stats().calls), (0, 0));
}

#[test]
fn cancelled_keys_take_no_memory() {
    const KEYS: u64 = 100_000;

    let group = Group::<String, String>::new();
    let round = || {
        let keys: Vec<_> = (0..KEYS).map(|key| key.to_string()).collect();
        let calls = keys.iter().enumerate().flat_map(|(index, key)| {
            // Some are alone, some have followers, some of them are handed over.
            (0..1 + index % 3).map(move |_| key)
        });
        let mut calls: Vec<_> = calls
            .map(|key| task::spawn(group.call(key.as_str(), pending())))
            .collect();
        for call in &mut calls {
            assert_pending!(call.poll());
        }
        assert_eq!(group.in_flight(), KEYS as usize);
        drop(calls);
        assert_eq!(group.in_flight(), 0);
    };
    let ((), first) = allocations(round);
    let ((), second) = allocations(round);
    assert!(
        second.live <= 0,
        "the second round keeps {} bytes",
        second.live
    );
    // The map keeps its room: an entry, a control byte, and up to twice as many places.
    assert!(
        first.live < KEYS as isize * 200,
        "the first round keeps {} bytes",
        first.live
    );
}

/// The list of those who wait grew with each that ever did.
#[test]
fn callers_that_come_and_go_take_no_memory() {
    let scene = Scene::new(|| 49);
    let mut callers = scene.begin::<3>();
    let come_and_go = || drop(scene.begin::<2>());
    come_and_go();
    let ((), all) = allocations(|| (0..10_000).for_each(|_| come_and_go()));
    assert!(all.live <= 0, "{} bytes are kept", all.live);
    scene.gate.open();
    all_have(&mut callers, 49);
    scene.check();
}
