//! Code of the user's never runs under a lock: it may call back into the group, on the same key,
//! while the map grows.

use crate::support::Noisy;
use coalesced::Group;
use std::{
    cell::Cell,
    future::{Future, pending},
    pin::pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `code`, unless it is what called us.
fn once_only(code: impl FnOnce()) {
    if DEPTH.get() == 0 {
        DEPTH.set(1);
        code();
        DEPTH.set(0);
    }
}

/// Calls of the same key and of a thousand others, so that the map grows.
fn meddle(group: &Group<u64, u64>, key: u64) {
    assert_ready_eq!(
        task::spawn(group.call(key + 1_000_000, async { 1 })).poll(),
        1
    );
    let keys = 100..1_100;
    let mut calls: Vec<_> = keys
        .map(|key| task::spawn(group.call(key, pending())))
        .collect();
    // And the key itself, whoever leads it just now.
    calls.push(task::spawn(group.call(key, pending())));
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    group.forget(key + 1_000_000);
    assert!(group.in_flight() >= 900);
}

#[test]
fn keys_call_back() {
    type Keys = Group<Noisy, u64>;

    let group = Arc::new(Keys::new());
    let meddler = Arc::clone(&group);
    let key = Noisy::new(7, move |what| {
        if what == "eq" {
            return; // the one thing that runs under a lock
        }
        once_only(|| {
            let same = Noisy::new(7, |_| {});
            let mut call = task::spawn(meddler.call(&same, pending()));
            assert_pending!(call.poll());
            let others: Vec<_> = (100..1_100)
                .map(|number| Noisy::new(number, |_| {}))
                .collect();
            let mut calls: Vec<_> = others
                .iter()
                .map(|key| task::spawn(meddler.call(key, pending())))
                .collect();
            for call in &mut calls {
                assert_pending!(call.poll());
            }
            meddler.forget(&same);
            meddler.forget_all();
        });
    });
    for _ in 0..3 {
        let mut leader = task::spawn(group.call(&key, async { 49 }));
        assert_ready_eq!(leader.poll(), 49);
        let mut abandoned = task::spawn(group.call(&key, pending()));
        assert_pending!(abandoned.poll());
        drop(abandoned);
        assert_eq!(group.in_flight(), 0);
    }
}

#[test]
fn values_call_back() {
    let group = Arc::new(Group::<u64, Noisy>::new());
    let numbers = Arc::new(Group::<u64, u64>::new());
    let body = |gate: bool| {
        let (meddler, numbers) = (Arc::clone(&group), Arc::clone(&numbers));
        async move {
            if gate {
                tokio::task::yield_now().await;
            }
            Noisy::new(49, move |_| {
                once_only(|| {
                    meddle(&numbers, 7);
                    numbers.forget_all();
                    let mut call = task::spawn(meddler.call(7, async { Noisy::new(1, |_| {}) }));
                    let _ = call.poll();
                    meddler.forget(7);
                    meddler.forget_all();
                });
            })
        }
    };
    for followers in 0..4 {
        let mut leader = task::spawn(group.call(7, body(true)));
        assert_pending!(leader.poll());
        let mut waiting: Vec<_> = (0..followers)
            .map(|_| task::spawn(group.call(7, body(false))))
            .collect();
        for follower in &mut waiting {
            assert_pending!(follower.poll());
        }
        assert_eq!(assert_ready!(leader.poll()).number, 49);
        for follower in &mut waiting {
            assert_eq!(assert_ready!(follower.poll()).number, 49);
        }
        assert_eq!(group.in_flight(), 0);
    }
}

#[test]
fn bodies_call_back_when_they_run_and_when_they_are_dropped() {
    struct Meddler<'g>(&'g Group<u64, u64>, u64);

    impl Drop for Meddler<'_> {
        fn drop(&mut self) {
            meddle(self.0, self.1);
        }
    }

    let group = Group::<u64, u64>::new();
    let body = |meddled| {
        let meddler = Meddler(&group, meddled);
        let group = &group;
        async move {
            let _meddler = meddler;
            meddle(group, 8);
            tokio::task::yield_now().await;
            49
        }
    };
    let mut abandoned = task::spawn(group.call(7, body(7)));
    assert_pending!(abandoned.poll());
    drop(abandoned);
    // While it runs, its own key would be a cycle.
    let mut leader = task::spawn(group.call(7, body(9)));
    assert_pending!(leader.poll());
    assert_ready_eq!(leader.poll(), 49);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn wakers_call_back_when_they_are_woken_and_when_they_are_dropped() {
    struct Meddler(Arc<Group<u64, u64>>);

    impl Wake for Meddler {
        fn wake(self: Arc<Self>) {
            once_only(|| meddle(&self.0, 7));
        }
    }

    impl Drop for Meddler {
        fn drop(&mut self) {
            once_only(|| meddle(&self.0, 7));
        }
    }

    let group = Arc::new(Group::<u64, u64>::new());
    let waker = || Waker::from(Arc::new(Meddler(Arc::clone(&group))));
    let mut leader = task::spawn(group.call(7, pending()));
    assert_pending!(leader.poll());
    {
        let mut dropped = Box::pin(group.call(7, pending()));
        assert!(
            dropped
                .as_mut()
                .poll(&mut Context::from_waker(&waker()))
                .is_pending()
        );
        // Another waker takes the first one's place.
        assert!(
            dropped
                .as_mut()
                .poll(&mut Context::from_waker(&waker()))
                .is_pending()
        );
    }
    let mut woken = pin!(group.call(7, async { 49 }));
    let mut follower = Box::pin(group.call(7, pending()));
    assert!(
        follower
            .as_mut()
            .poll(&mut Context::from_waker(&waker()))
            .is_pending()
    );
    assert!(
        woken
            .as_mut()
            .poll(&mut Context::from_waker(&waker()))
            .is_pending()
    );
    drop(leader);
    // Woken wakers led the flight for a moment, so this one may be asked to come again.
    let mut poll = || {
        woken
            .as_mut()
            .poll(&mut Context::from_waker(&waker()))
            .is_ready()
    };
    assert!(poll() || poll());
}
