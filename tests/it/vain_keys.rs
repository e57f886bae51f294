//! A key that was made for the map and is not needed is dropped under no lock: its destructor may call back.

use crate::support::{Gate, Noisy, begin};
use coalesced::{Group, Key};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Waker},
};
type Keys = Arc<Group<Noisy, u64>>;

fn quiet() -> Noisy {
    Noisy::new(7, |_| {})
}

fn call<'c>(
    group: &'c Keys,
    gate: &'c Gate,
    key: impl Key<Noisy> + 'c,
) -> Pin<Box<dyn Future<Output = u64> + 'c>> {
    Box::pin(group.call(key, async {
        gate.pass().await;
        49
    }))
}

/// While its key was cloned another caller opened the flight.
#[test]
fn of_a_caller_that_comes_to_follow() {
    static LEADER: Mutex<Option<Pin<Box<dyn Future<Output = u64> + Send>>>> = Mutex::new(None);

    let group = Keys::default();
    let drops = Arc::new(AtomicUsize::new(0));
    let opens = Arc::downgrade(&group);
    let key = Noisy::new(7, {
        let drops = Arc::clone(&drops);
        move |what| match (what, opens.upgrade()) {
            ("clone", Some(group)) => {
                let calls = Arc::clone(&group);
                let mut call: Pin<Box<dyn Future<Output = u64> + Send>> =
                    Box::pin(async move { calls.call(&quiet(), std::future::pending()).await });
                let cx = &mut Context::from_waker(Waker::noop());
                assert!(call.as_mut().poll(cx).is_pending());
                *LEADER.lock().unwrap() = Some(call);
            }
            ("drop", Some(group)) => {
                drops.fetch_add(1, SeqCst);
                group.forget(&quiet());
            }
            _ => {}
        }
    });
    let gate = Gate::closed();
    let [follower] = begin(|| call(&group, &gate, &key));
    assert_eq!((drops.load(SeqCst), group.stats().followed), (1, 1));
    drop(follower);
    drop(LEADER.lock().unwrap().take());
    assert_eq!(group.in_flight(), 0);
}

#[cfg(feature = "time")]
mod limits {
    use super::*;
    use coalesced::Config;
    use std::time::Duration;
    use tokio::time::advance;
    use tokio_test::{assert_pending, assert_ready_eq};

    /// A key that forgets itself whenever one like it is dropped, which takes the lock of its shard.
    fn forgets_itself(group: &Keys) -> (Noisy, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        let (group, count) = (Arc::downgrade(group), Arc::clone(&drops));
        let key = Noisy::new(7, move |what| {
            if let ("drop", Some(group)) = (what, group.upgrade()) {
                count.fetch_add(1, SeqCst);
                group.forget(&quiet());
            }
        });
        (key, drops)
    }

    #[test]
    fn of_a_caller_that_goes_alone() {
        let group = Keys::default();
        group.set_config(Config::new().max_in_flight(1));
        let (key, drops) = forgets_itself(&group);
        let gate = Gate::closed();
        let other = Noisy::new(8, |_| {});
        let [_leader] = begin(|| call(&group, &gate, &other));
        let [mut alone] = begin(|| call(&group, &gate, &key));
        assert_eq!((drops.load(SeqCst), group.stats().alone), (1, 1));
        gate.open();
        assert_ready_eq!(alone.poll(), 49);
    }

    fn under_max_wait() -> Keys {
        let group = Keys::default();
        group.set_config(Config::new().max_wait(WAIT));
        group
    }

    const WAIT: Duration = Duration::from_millis(100);
    const ENOUGH: Duration = Duration::from_millis(101);

    /// One for the flight, one for all who may come to open a newer one, and one for this newer one.
    #[tokio::test(start_paused = true)]
    async fn followers_under_max_wait_cloned_a_key_each() {
        let group = under_max_wait();
        let clones = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&clones);
        let key = Noisy::new(7, move |what| {
            count.fetch_add(usize::from(what == "clone"), SeqCst);
        });
        let gate = Gate::closed();
        let [_parked, mut followers @ ..] = begin::<11, _>(|| call(&group, &gate, &key));
        assert_eq!(clones.load(SeqCst), 2);
        advance(ENOUGH).await;
        for follower in &mut followers {
            assert_pending!(follower.poll());
        }
        assert_eq!((clones.load(SeqCst), gate.bodies_started()), (3, 2));
        gate.open();
        for follower in &mut followers {
            assert_ready_eq!(follower.poll(), 49);
        }
    }

    /// It has waited long enough, and joins a newer flight, or leads one that was abandoned: the key that it
    /// came with, which the old flight kept, goes with that.
    #[tokio::test(start_paused = true)]
    async fn of_a_caller_that_has_waited_long_enough() {
        for vacant in [false, true] {
            let group = under_max_wait();
            let (key, drops) = forgets_itself(&group);
            let gate = Gate::closed();
            let quiet = quiet();
            let [parked] = begin(|| call(&group, &gate, &quiet));
            let [mut late] = begin(|| call(&group, &gate, &key));
            group.forget(&quiet);
            let [newer] = begin(|| call(&group, &gate, &quiet));
            let [follows] = begin(|| call(&group, &gate, &quiet));
            let newer = (!vacant).then_some(newer);
            advance(ENOUGH).await;
            assert_pending!(late.poll());
            assert_eq!(gate.bodies_started(), if vacant { 3 } else { 2 });
            assert_eq!(
                drops.load(SeqCst),
                0,
                "others of the old flight may need it"
            );
            drop(parked);
            assert_eq!(drops.load(SeqCst), 1);
            drop((late, newer, follows));
            assert_eq!((group.in_flight(), group.stats().waiting), (0, 0));
        }
    }

    /// While its key was cloned another caller opened the newer flight, and perhaps left it to a follower.
    #[tokio::test(start_paused = true)]
    async fn of_a_caller_that_was_late_to_open_a_newer_flight() {
        static NEWER: Mutex<Vec<Pin<Box<dyn Future<Output = u64> + Send>>>> = Mutex::new(vec![]);

        for vacant in [false, true] {
            let group = under_max_wait();
            let (clones, drops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (cloned, dropped) = (Arc::clone(&clones), Arc::clone(&drops));
            let opens = Arc::downgrade(&group);
            let key = Noisy::new(7, move |what| match (what, opens.upgrade()) {
                ("clone", Some(group)) if cloned.fetch_add(1, SeqCst) == 1 => {
                    group.forget(&quiet());
                    let mut newer = NEWER.lock().unwrap();
                    for _ in 0..2 {
                        let calls = Arc::clone(&group);
                        newer.push(Box::pin(async move {
                            calls.call(&quiet(), std::future::pending()).await
                        }));
                    }
                    for call in &mut *newer {
                        let cx = &mut Context::from_waker(Waker::noop());
                        assert!(call.as_mut().poll(cx).is_pending());
                    }
                    if vacant {
                        drop(newer.remove(0));
                    }
                }
                ("drop", Some(group)) => {
                    dropped.fetch_add(1, SeqCst);
                    group.forget(&quiet());
                }
                _ => {}
            });
            let gate = Gate::closed();
            let quiet = quiet();
            let [parked] = begin(|| call(&group, &gate, &quiet));
            let [mut late] = begin(|| call(&group, &gate, &key));
            advance(ENOUGH).await;
            assert_pending!(late.poll());
            assert_eq!((clones.load(SeqCst), drops.load(SeqCst)), (2, 1));
            assert_eq!(gate.bodies_started(), if vacant { 2 } else { 1 });
            drop((parked, late));
            NEWER.lock().unwrap().clear();
            assert_eq!((group.in_flight(), group.stats().waiting), (0, 0));
        }
    }
}
