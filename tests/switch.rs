//! The switch for the whole process, which is why this test has a process of its own.

use coalesced::{Config, Group, coalesce, groups, is_enabled, set_enabled};
use std::future::pending;
use tokio_test::{assert_pending, task};

#[coalesce]
async fn annotated(id: u64) -> u64 {
    let _ = id;
    pending().await
}

/// How many of two calls lead, follow, and are alone.
fn roles<F: Future<Output = u64>>(call: impl Fn() -> F, name: &str) -> [u64; 3] {
    let stats = || {
        let all = groups();
        let group = all.iter().find(|group| group.name() == name);
        group.map_or([0; 3], |group| {
            let stats = group.stats();
            [stats.led, stats.followed, stats.alone]
        })
    };
    let before = stats();
    let mut calls = [task::spawn(Box::pin(call())), task::spawn(Box::pin(call()))];
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    let after = stats();
    std::array::from_fn(|role| after[role] - before[role])
}

#[test]
fn it_is_for_all_groups_also_for_those_that_come_later() {
    let limits = Config::new().max_followers(7);
    let early = Group::<u64, u64>::new().named("early").with_config(limits);
    let early_roles = || roles(|| early.call(7, pending()), "early");
    assert!(is_enabled());
    assert_eq!(early_roles(), [1, 1, 0]);
    set_enabled(false);
    assert!(!is_enabled());
    assert_eq!(early_roles(), [0, 0, 2]);
    assert_eq!(roles(|| annotated(7), "switch::annotated"), [0, 0, 2]);
    set_enabled(true);
    assert_eq!(early_roles(), [1, 1, 0]);
    assert_eq!(roles(|| annotated(7), "switch::annotated"), [1, 1, 0]);
    assert_eq!(early.config(), limits, "its own limits are what they were");
}
