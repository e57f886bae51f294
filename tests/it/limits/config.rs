//! Where limits are set: on a function, on a group, at run time.

use super::{call, ms};
use crate::support::Gate;
use coalesced::{Config, Group, coalesce, groups};
use std::time::Duration;
use tokio::time::advance;
use tokio_test::{assert_pending, task};

#[tokio::test(start_paused = true)]
async fn limits_of_an_annotated_function() {
    #[coalesce(key = gate.id, max_age = "1.5s", max_wait = Duration::from_secs(60), max_followers = 2, max_in_flight = 10_000)]
    async fn limited(gate: &Gate) -> usize {
        gate.pass().await;
        gate.bodies_started()
    }

    #[coalesce(key = gate.id, config = Config::low_latency().max_followers(1))]
    async fn configured(gate: &Gate) -> usize {
        gate.pass().await;
        gate.bodies_started()
    }

    let gate = Gate::closed();
    let mut calls: Vec<_> = (0..4).map(|_| task::spawn(limited(&gate))).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(
        gate.bodies_active(),
        2,
        "a leader and two followers, and one more"
    );
    advance(ms(1_501)).await;
    let mut late = task::spawn(limited(&gate));
    assert_pending!(late.poll());
    assert_eq!(gate.bodies_active(), 3);

    let gate = Gate::closed();
    let mut calls: Vec<_> = (0..4).map(|_| task::spawn(configured(&gate))).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(gate.bodies_active(), 2);
}

#[test]
fn disabled_and_enabled_at_run_time() {
    let group = Group::<u64, usize>::new().named("limits::switch");
    let gate = Gate::closed();
    let mut leader = call(&group, &gate, 7);
    assert_pending!(leader.poll());
    group.set_config(Config::disabled());
    let mut alone = call(&group, &gate, 7);
    assert_pending!(alone.poll());
    assert_eq!(gate.bodies_active(), 2);
    let listed = groups()
        .into_iter()
        .find(|group| group.name() == "limits::switch")
        .unwrap();
    listed.set_config(Config::new());
    let mut follower = call(&group, &gate, 7);
    assert_pending!(follower.poll());
    assert_eq!(gate.bodies_active(), 2, "it found the first flight");
    let stats = group.stats();
    assert_eq!(
        (stats.calls, stats.led, stats.followed, stats.alone),
        (3, 1, 1, 1)
    );
}

/// Limit by limit each of two threads overwrote what the other had set, and so a kill switch was lost.
#[test]
fn two_configurations_set_at_once_are_not_mixed() {
    let group = Group::<u64, usize>::new();
    let configs = [
        Config::disabled().max_followers(1).max_in_flight(1),
        Config::new()
            .max_age(ms(2))
            .max_followers(2)
            .max_in_flight(2),
    ];
    group.set_config(configs[0]);
    std::thread::scope(|threads| {
        for config in configs {
            let group = &group;
            threads.spawn(move || {
                for _ in 0..100_000 {
                    group.set_config(config);
                    let seen = group.config();
                    assert!(configs.contains(&seen), "{seen:?}");
                }
            });
        }
    });
}

#[test]
fn a_configuration_is_a_value() {
    const CONFIG: Config = Config::new()
        .max_age(ms(50))
        .max_followers(100)
        .max_in_flight(10_000);
    assert_eq!(CONFIG, Config::balanced());
    assert_ne!(Config::balanced(), Config::low_latency());
    assert_ne!(Config::balanced(), Config::high_throughput());
    assert_eq!(Config::default(), Config::new());
    assert_eq!(Config::disabled().enabled(true), Config::new());
    assert!(std::panic::catch_unwind(|| Config::new().max_followers(0)).is_err());
}
