//! `max_in_flight`: a key that finds no room runs alone, and one that has its place keeps it.

use super::{call, ms};
use crate::support::Gate;
use coalesced::{Config, Group};
use std::time::Duration;
use tokio::time::advance;
use tokio_test::{assert_pending, assert_ready_eq, task};

#[test]
fn max_in_flight_makes_further_keys_run_alone() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_in_flight(2));
    let gate = Gate::closed();
    let keys = [1, 2, 3, 3, 1];
    let mut calls: Vec<_> = keys.iter().map(|key| call(&group, &gate, *key)).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(gate.bodies_active(), 4, "the fifth joined the first");
    let stats = group.stats();
    assert_eq!(
        (stats.led, stats.alone, stats.followed, stats.in_flight),
        (2, 2, 1, 2)
    );
    gate.open();
    for call in &mut calls {
        assert_ready_eq!(call.poll(), 4);
    }
    let mut after = call(&group, &gate, 3);
    assert_ready_eq!(after.poll(), 5);
    assert_eq!(group.stats().led, 3, "there is room again");
}

/// 1,001 bodies instead of 2: its flight was displaced before the flights were counted, and then everybody ran
/// alone.
#[tokio::test(start_paused = true)]
async fn at_max_in_flight_a_hot_key_is_opened_anew_and_does_not_stampede() {
    let group = Group::<u64, usize>::new().with_config(
        Config::new()
            .max_age(ms(50))
            .max_in_flight(100)
            .max_followers(2_000),
    );
    let (slow, hot) = (Gate::closed(), Gate::closed());
    let mut others: Vec<_> = (1..100).map(|key| call(&group, &slow, key)).collect();
    let mut first = call(&group, &hot, 0);
    for call in others.iter_mut().chain([&mut first]) {
        assert_pending!(call.poll());
    }
    let mut kept = Vec::new();
    for (round, displace) in [
        (2, &(|| Some(ms(51))) as &dyn Fn() -> Option<Duration>),
        (3, &|| {
            assert!(group.forget(0));
            None
        }),
        (4, &|| {
            group.forget_all();
            None
        }),
    ] {
        if let Some(time) = displace() {
            advance(time).await;
        }
        let mut calls: Vec<_> = (0..1_000).map(|_| call(&group, &hot, 0)).collect();
        for call in &mut calls {
            assert_pending!(call.poll());
        }
        assert_eq!(hot.bodies_started(), round, "one more, which all share");
        kept.push(calls);
    }
    let mut fresh = task::spawn(coalesced::fresh(call(&group, &hot, 0)));
    let mut joins = call(&group, &hot, 0);
    assert_pending!(fresh.poll());
    assert_pending!(joins.poll());
    assert_eq!(hot.bodies_started(), 5);
    let mut other = call(&group, &slow, 100);
    assert_pending!(other.poll());
    assert_eq!(group.stats().alone, 1, "a key that is not in flight");
}
