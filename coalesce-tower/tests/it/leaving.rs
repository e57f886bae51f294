//! Requests that are dropped, at every point.

use crate::support::{Gate, Strict, settle};
use coalesced::tower::CoalesceLayer;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio_test::{assert_pending, assert_ready_eq, task};
use tower::{Layer, Service};

#[test]
fn a_leader_is_dropped_while_it_becomes_ready_and_one_follower_takes_over() {
    let (ready, call) = (Gate::closed(), Gate::opened());
    let inner = Strict::behind(&ready, &call);
    let gates = Arc::clone(&inner.gates);
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let mut leader = task::spawn(service.call(7));
    let mut followers = [task::spawn(service.call(7)), task::spawn(service.call(7))];
    assert_pending!(leader.poll());
    for follower in &mut followers {
        assert_pending!(follower.poll());
    }
    drop(leader);
    assert_eq!(gates.held.load(SeqCst), 0, "nothing is held for it");
    for follower in &mut followers {
        assert!(follower.is_woken());
        assert_pending!(settle(follower));
    }
    assert_eq!(gates.held.load(SeqCst), 1);
    ready.open();
    for follower in &mut followers {
        assert_ready_eq!(settle(follower), Ok(49));
    }
    assert_eq!(call.bodies_started(), 1);
}

#[test]
fn a_leader_is_dropped_in_its_call_and_a_follower_calls_with_its_own_request() {
    let gate = Gate::closed();
    // The key is the number without its sign.
    let layer = CoalesceLayer::new(|id: &i64| id.abs());
    let mut service = layer.layer(tower::service_fn(|id: i64| {
        let gate = Arc::clone(&gate);
        async move {
            gate.pass().await;
            Ok::<_, String>(id)
        }
    }));
    let mut leader = task::spawn(service.call(7));
    let mut follower = task::spawn(service.call(-7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(leader);
    assert_eq!(gate.bodies_active(), 0, "the old call is gone first");
    assert!(follower.is_woken());
    gate.open();
    assert_ready_eq!(settle(&mut follower), Ok(-7));
    assert_eq!(service.group().stats().takeovers, 1);
}

#[test]
fn a_follower_is_dropped_and_nobody_notices() {
    let gate = Gate::closed();
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(Strict::new(&gate));
    let mut leader = task::spawn(service.call(7));
    let mut follower = task::spawn(service.call(7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(follower);
    assert!(!leader.is_woken());
    gate.open();
    assert_ready_eq!(leader.poll(), Ok(49));
    assert_eq!(service.group().stats().waiting, 0);
}

#[test]
fn a_request_that_is_never_polled_leaves_nothing() {
    let gate = Gate::closed();
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(Strict::new(&gate));
    drop(service.call(7));
    assert_eq!(service.group().stats().calls, 0);
    assert_eq!(gate.bodies_started(), 0);
}

/// Each of the callers is dropped after each number of polls, in each order of leaving, and the key works
/// afterwards.
#[test]
fn callers_are_dropped_at_every_point() {
    const CALLERS: usize = 4;
    let mut schedules = 0;
    for leave_after in 0..4_usize.pow(CALLERS as u32) {
        let (ready, call) = (Gate::closed(), Gate::closed());
        let inner = Strict::behind(&ready, &call);
        let gates = Arc::clone(&inner.gates);
        let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
        let mut requests: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let after = leave_after / 4_usize.pow(caller as u32) % 4;
                (after, Some(task::spawn(service.call(7))))
            })
            .collect();
        for step in 0..4 {
            match step {
                1 => ready.open(),
                3 => call.open(),
                _ => {}
            }
            for (after, request) in &mut requests {
                if *after == step {
                    *request = None;
                }
                if let Some(task) = request {
                    if task.poll().is_ready() {
                        *request = None;
                    }
                }
                assert!(gates.held.load(SeqCst) <= 1);
                assert!(call.bodies_active() <= 1);
            }
        }
        drop(requests);
        assert_eq!(service.group().in_flight(), 0);
        assert_eq!((gates.held.load(SeqCst), call.bodies_active()), (0, 0));
        assert_ready_eq!(task::spawn(service.call(7)).poll(), Ok(49));
        schedules += 1;
    }
    assert_eq!(schedules, 256);
}

#[test]
fn what_a_service_and_a_request_hold_is_freed_once() {
    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>);
    impl Counted {
        fn new(alive: &Arc<AtomicUsize>) -> Self {
            alive.fetch_add(1, SeqCst);
            Self(Arc::clone(alive))
        }
    }
    impl Clone for Counted {
        fn clone(&self) -> Self {
            Self::new(&self.0)
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    let alive = Arc::new(AtomicUsize::new(0));
    let gate = Gate::closed();
    let inner = {
        let (gate, held) = (Arc::clone(&gate), Counted::new(&alive));
        tower::service_fn(move |request: Counted| {
            let (gate, held) = (Arc::clone(&gate), held.clone());
            async move {
                gate.pass().await;
                drop(held);
                Ok::<_, String>(request)
            }
        })
    };
    let mut service = CoalesceLayer::new(|_: &Counted| 7_u64).layer(inner);
    let mut requests: Vec<_> = (0..3)
        .map(|_| task::spawn(service.call(Counted::new(&alive))))
        .collect();
    for request in &mut requests {
        assert_pending!(request.poll());
    }
    gate.open();
    for request in &mut requests {
        assert!(tokio_test::assert_ready!(request.poll()).is_ok());
    }
    drop(requests);
    drop(service);
    assert_eq!(alive.load(SeqCst), 0);
}
