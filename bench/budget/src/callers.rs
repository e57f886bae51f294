//! Who calls, and how often: [`each`], one caller after the other, whose call is over after one poll; and the
//! [`herd`], a thousand followers of one flight.

use std::{
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use coalesced::{Config, Group};

use crate::{
    bodies::{OPEN, body, gate},
    count::{Count, counted},
};

/// As many different keys as it takes for the hashes, which differ in each process, to make no difference;
/// and so many open flights are not at the edge of what a map of theirs holds before it grows.
pub(crate) const KEYS: u64 = 3_000;
pub(crate) const FOLLOWERS: usize = 1_000;
/// Where what is done once, or only now and then, would show if it were done for each.
pub(crate) const MANY: usize = 100_000;

pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// So many calls of `run`, after some that are not counted.
pub(crate) fn repeat(run: impl Fn(u64)) -> Count {
    let run = |id| run(black_box(id));
    (0..KEYS / 10).for_each(run);
    counted(KEYS as usize, || (0..KEYS).for_each(run))
}

/// Calls that end at once, each with another key.
pub(crate) fn each<F: Future>(call: impl Fn(u64) -> F) -> Count {
    repeat(|id| assert!(poll(pin!(call(id))).is_ready()))
}

/// The same, under this limit.
pub(crate) fn limited(config: Config) -> Count {
    let group = Group::<u64, u64>::new().with_config(config);
    each(|id| group.call(id, body(id)))
}

/// The same, of a function that blocks.
pub(crate) fn blocking(call: impl Fn(u64) -> u64) -> Count {
    repeat(|id| assert_eq!(call(id), id))
}

/// Calls that are dropped while their bodies wait.
pub(crate) fn abandoned<F: Future>(call: impl Fn(u64) -> F) -> Count {
    repeat(|id| assert!(poll(pin!(call(id))).is_pending()))
}

/// Calls whose bodies run on tasks.
#[cfg(feature = "spawn")]
pub(crate) fn on_a_runtime<F: Future<Output = u64>>(call: fn(u64) -> F) -> Count {
    let run = async |ids: std::ops::Range<u64>| {
        for id in ids {
            assert_eq!(call(id).await, id);
        }
    };
    let runtime = runtime();
    runtime.block_on(run(0..KEYS / 10));
    counted(KEYS as usize, || runtime.block_on(run(0..KEYS)))
}

#[cfg(any(feature = "spawn", feature = "time"))]
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.expect("a runtime without I/O asks the system for nothing")
}

/// A flight whose leader waits and that one follower has joined, and so many callers who have not yet
/// begun; what is done `with` them is counted, for each of them.
fn herd_with<F: Future>(
    followers: usize,
    call: impl Fn() -> F,
    with: impl Fn(Pin<Box<F>>, &mut Vec<Pin<Box<F>>>) -> Count,
) -> Count {
    let mut leader = Box::pin(call());
    let mut first = Box::pin(call());
    let mut followers: Vec<_> = (0..followers).map(|_| Box::pin(call())).collect();
    assert!(poll(leader.as_mut()).is_pending());
    assert!(poll(first.as_mut()).is_pending());
    with(leader, &mut followers)
}

/// Followers join, wait, are woken, and have clones of the value.
pub(crate) fn herd<F: Future>(call: impl Fn() -> F) -> Count {
    herd_of(FOLLOWERS, call)
}

/// The same, of so many.
pub(crate) fn herd_of<F: Future>(followers: usize, call: impl Fn() -> F) -> Count {
    herd_with(followers, call, |mut leader, followers| {
        counted(followers.len(), || {
            for follower in &mut *followers {
                assert!(poll(follower.as_mut()).is_pending());
            }
            OPEN.set(true);
            assert!(poll(leader.as_mut()).is_ready());
            for follower in followers {
                assert!(poll(follower.as_mut()).is_ready());
            }
        })
    })
}

/// The same, under this limit.
pub(crate) fn limited_herd(config: Config) -> Count {
    let group = Group::<u64, u64>::new().with_config(config);
    herd(|| group.call(7, gate(7)))
}

/// Followers join, and are dropped.
pub(crate) fn leaving<F: Future>(call: impl Fn() -> F) -> Count {
    herd_with(FOLLOWERS, call, |_leader, followers| {
        counted(followers.len(), || {
            for follower in &mut *followers {
                assert!(poll(follower.as_mut()).is_pending());
            }
            followers.clear();
        })
    })
}

/// The leader is dropped, one of the followers takes over, and the others go on waiting.
pub(crate) fn hand_over<F: Future>(followers: usize, call: impl Fn() -> F) -> Count {
    herd_with(followers, call, |leader, followers| {
        for follower in &mut *followers {
            assert!(poll(follower.as_mut()).is_pending());
        }
        counted(followers.len(), || {
            drop(leader);
            for follower in &mut *followers {
                assert!(poll(follower.as_mut()).is_pending());
            }
        })
    })
}
