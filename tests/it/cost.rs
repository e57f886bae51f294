//! What a call allocates, and how large its future is. Counted, never timed.

use crate::support::{Gate, Noisy, allocations};
use coalesced::{Group, coalesce};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, assert_ready, task};

/// After a first call, which makes the group and lets its map grow.
fn leader_allocations<F: Future>(mut call: impl FnMut() -> F) -> usize
where
    F::Output: std::fmt::Debug,
{
    let mut once = || {
        let mut call = std::pin::pin!(call());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut cx).is_ready());
    };
    once();
    let ((), all) = allocations(|| (0..10).for_each(|_| once()));
    assert_eq!(all.live, 0);
    assert_eq!(all.count % 10, 0);
    all.count / 10
}

#[coalesce]
async fn copied(id: u64) -> u64 {
    id
}

#[coalesce]
async fn copied_pair(id: u64, flag: bool) -> u64 {
    id + u64::from(flag)
}

#[coalesce]
async fn text(name: &str) -> usize {
    name.len()
}

#[test]
fn a_leader_that_nobody_joins_allocates_its_key_alone() {
    assert_eq!(leader_allocations(|| copied(7)), 0);
    assert_eq!(leader_allocations(|| copied_pair(7, true)), 0);
    assert_eq!(leader_allocations(|| text("a name")), 1);
    static GROUP: Group<u64, u64> = Group::new();
    assert_eq!(leader_allocations(|| GROUP.call(7, async { 49 })), 0);
    let owned: &'static Group<(u64, String), u64> = Box::leak(Box::default());
    assert_eq!(leader_allocations(|| owned.call((7, "a"), async { 49 })), 1);
}

#[test]
fn a_follower_allocates_nothing_of_its_own() {
    let group = Group::<String, u64>::new();
    let gate = Gate::closed();
    let call = || {
        Box::pin(group.call("a key that is long enough", async {
            gate.pass().await;
            49
        }))
    };
    let waker = std::task::Waker::noop();
    let mut cx = std::task::Context::from_waker(waker);
    // The first follower makes the flight; then the list grows by doubling.
    let mut callers: Vec<_> = (0..1_000 + 2).map(|_| call()).collect();
    let mut rest = callers.split_off(2);
    for caller in &mut callers {
        assert!(caller.as_mut().poll(&mut cx).is_pending());
    }
    let ((), joining) = allocations(|| {
        for caller in &mut rest {
            assert!(caller.as_mut().poll(&mut cx).is_pending());
        }
    });
    assert!(
        joining.count <= 10,
        "{} allocations for 1,000 followers",
        joining.count
    );
    gate.open();
    assert!(callers[0].as_mut().poll(&mut cx).is_ready());
    let ((), landing) = allocations(|| {
        for caller in &mut rest {
            assert!(caller.as_mut().poll(&mut cx).is_ready());
        }
    });
    assert_eq!(landing.count, 0);
}

#[test]
fn the_last_who_needs_the_value_takes_it() {
    let group = Group::<(), Noisy>::new();
    let gate = Gate::closed();
    let clones = Arc::new(AtomicUsize::new(0));
    let call = || {
        let (gate, clones) = (&gate, Arc::clone(&clones));
        task::spawn(group.call((), async move {
            gate.pass().await;
            Noisy::new(49, move |what| {
                if what == "clone" {
                    clones.fetch_add(1, SeqCst);
                }
            })
        }))
    };
    for callers in 1..5 {
        gate.close();
        clones.store(0, SeqCst);
        let mut calls: Vec<_> = (0..callers).map(|_| call()).collect();
        for call in &mut calls {
            assert_pending!(call.poll());
        }
        gate.open();
        let values: Vec<_> = calls
            .iter_mut()
            .map(|call| assert_ready!(call.poll()))
            .collect();
        assert_eq!(values.len(), callers);
        assert_eq!(clones.load(SeqCst), callers - 1, "for {callers} callers");
    }
}

#[test]
fn the_bodys_future_is_stored_once() {
    async fn body(id: u64) -> u64 {
        let large = [id; 128];
        pending::<()>().await;
        large.iter().sum()
    }

    #[coalesce]
    async fn annotated(id: u64) -> u64 {
        let large = [id; 128];
        pending::<()>().await;
        large.iter().sum()
    }

    static GROUP: Group<u64, u64> = Group::new();
    let plain = size_of_val(&body(7));
    assert!(plain > 1_024);
    let by_hand = size_of_val(&GROUP.call(7, body(7)));
    assert!(
        by_hand <= plain + 160,
        "{by_hand} bytes for a body of {plain}"
    );
    let annotated = size_of_val(&annotated(7));
    assert!(
        annotated <= plain + 160 + size_of::<u64>(),
        "{annotated} bytes for a body of {plain}"
    );
}

#[test]
#[cfg(not(feature = "metrics"))] // which keeps the names of its metrics
fn an_idle_group_is_small() {
    let ((), nothing) = allocations(|| drop(Group::<u64, u64>::new()));
    assert_eq!(nothing.count, 0, "nothing is made before the first use");
    // On average, since the registry grows now and then; and the map keeps the room of the first flight:
    // four places.
    const GROUPS: isize = 1_000;
    let groups: Vec<_> = (0..GROUPS)
        .map(|_| Group::<String, String>::new())
        .collect();
    let ((), all) = allocations(|| {
        for group in &groups {
            let value = task::spawn(group.call("a", async { String::new() })).poll();
            assert_eq!(assert_ready!(value), "");
        }
    });
    let room = 4 * (size_of::<(u64, String, u64)>() as isize + 1) + 16;
    let bytes = all.live / GROUPS - room;
    assert!(bytes <= 1_024, "{bytes} bytes and {room} of room");
}

/// As large as they were before a flight could go across to other servers: who does not, pays no byte for it. Since
/// then a call carries its key to its first poll, which is the second summand.
#[test]
#[cfg(all(
    target_pointer_width = "64",
    feature = "spawn",
    feature = "time",
    not(any(feature = "metrics", feature = "tracing"))
))]
fn a_seam_that_nobody_uses_takes_no_byte() {
    #[coalesce]
    async fn annotated(id: u64, name: &str) -> u64 {
        pending::<()>().await;
        id + name.len() as u64
    }

    #[coalesce(max_wait = "1s")]
    async fn waits(id: u64) -> u64 {
        pending::<()>().await;
        id
    }

    #[coalesce(spawn)]
    async fn spawned(id: u64) -> u64 {
        pending::<()>().await;
        id
    }

    #[coalesce]
    async fn fails(id: u64) -> Result<u64, Arc<std::io::Error>> {
        pending::<()>().await;
        Ok(id)
    }

    static GROUP: Group<u64, u64> = Group::new();
    static TEXTS: Group<String, String> = Group::new();
    for (call, size, before) in [
        ("by hand", size_of_val(&GROUP.call(7, pending())), 96),
        (
            "text, by hand",
            size_of_val(&TEXTS.call("a", pending())),
            96,
        ),
        ("annotated", size_of_val(&annotated(7, "a")), 168 + 24),
        ("max_wait", size_of_val(&waits(7)), 120 + 16),
        ("spawn", size_of_val(&spawned(7)), 160),
        ("a Result", size_of_val(&fails(7)), 120 + 16),
    ] {
        assert!(size <= before, "{call}: {size} bytes, and {before} before");
    }
}
