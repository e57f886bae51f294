//! Requests that are dropped, at every point.

use crate::support::{Scene, settle};
use coalesced::tower::CoalesceLayer;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio_test::{assert_pending, assert_ready_eq};
use tower::Service;

#[test]
fn a_leader_is_dropped_while_it_becomes_ready_and_one_follower_takes_over() {
    let mut scene = Scene::readying();
    scene.gate.open();
    let [leader, mut followers @ ..] = scene.pending([7; 3]);
    drop(leader);
    assert_eq!(scene.held(), 0, "nothing is held for it");
    for follower in &mut followers {
        assert!(follower.is_woken());
        assert_pending!(settle(follower));
    }
    assert_eq!(scene.held(), 1);
    scene.gates().ready.open();
    for follower in &mut followers {
        assert_ready_eq!(settle(follower), Ok(49));
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[test]
fn a_leader_is_dropped_in_its_call_and_a_follower_calls_with_its_own_request() {
    // The key is the number without its sign.
    let layer = CoalesceLayer::new(|id: &i64| id.abs());
    let mut scene = Scene::answering(layer, |id: i64| Ok::<_, String>(id));
    let [leader, mut follower] = scene.pending([7, -7]);
    drop(leader);
    assert_eq!(scene.gate.bodies_active(), 0, "the old call is gone first");
    assert!(follower.is_woken());
    scene.gate.open();
    assert_ready_eq!(settle(&mut follower), Ok(-7));
    assert_eq!(scene.service.group().stats().takeovers, 1);
}

#[test]
fn a_follower_is_dropped_and_nobody_notices() {
    let mut scene = Scene::squares();
    let [mut leader, follower] = scene.pending([7, 7]);
    drop(follower);
    assert!(!leader.is_woken());
    scene.gate.open();
    assert_ready_eq!(leader.poll(), Ok(49));
    assert_eq!(scene.service.group().stats().waiting, 0);
}

#[test]
fn a_request_that_is_never_polled_leaves_nothing() {
    let mut scene = Scene::squares();
    drop(scene.service.call(7));
    assert_eq!(scene.service.group().stats().calls, 0);
    assert_eq!(scene.gate.bodies_started(), 0);
}

/// Each of the callers is dropped after each number of polls, in each order of leaving, and the key works
/// afterwards.
#[test]
fn callers_are_dropped_at_every_point() {
    const CALLERS: usize = 4;
    let mut schedules = 0;
    for leave_after in 0..4_usize.pow(CALLERS as u32) {
        let mut scene = Scene::readying();
        let mut requests: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let after = leave_after / 4_usize.pow(caller as u32) % 4;
                (after, Some(scene.call(7)))
            })
            .collect();
        for step in 0..4 {
            match step {
                1 => scene.gates().ready.open(),
                3 => scene.gate.open(),
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
                assert!(scene.held() <= 1);
                assert!(scene.gate.bodies_active() <= 1);
            }
        }
        drop(requests);
        assert_eq!(scene.service.group().in_flight(), 0);
        assert_eq!((scene.held(), scene.gate.bodies_active()), (0, 0));
        assert_ready_eq!(scene.call(7).poll(), Ok(49));
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
    let layer = CoalesceLayer::new(|_: &Counted| 7_u64);
    let held = Counted::new(&alive);
    let mut scene = Scene::answering(layer, move |request: Counted| {
        let _ = &held;
        Ok::<_, String>(request)
    });
    let mut requests = scene.pending([(); 3].map(|()| Counted::new(&alive)));
    scene.gate.open();
    for request in &mut requests {
        assert!(tokio_test::assert_ready!(request.poll()).is_ok());
    }
    drop(requests);
    drop(scene);
    assert_eq!(alive.load(SeqCst), 0);
}
