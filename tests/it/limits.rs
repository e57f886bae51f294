//! Limits: none fails a call, and none stampedes.

use crate::support::Gate;
use coalesced::{Config, Group, coalesce, groups};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, advance, sleep};
use tokio_test::{assert_pending, assert_ready_eq, task};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

type Call<'c> = task::Spawn<Pin<Box<dyn Future<Output = usize> + 'c>>>;

/// A call by hand whose body waits at the gate, and returns how many came there.
fn call<'c>(group: &'c Group<u64, usize>, gate: &'c Gate, key: u64) -> Call<'c> {
    task::spawn(Box::pin(group.call(key, async {
        gate.pass().await;
        gate.bodies_started()
    })))
}

#[tokio::test(start_paused = true)]
async fn max_age_opens_a_newer_flight_that_takes_the_keys_place() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_age(ms(50)));
    let gate = Gate::closed();
    let (mut old, mut follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(old.poll());
    advance(ms(50)).await;
    assert_pending!(follower.poll());
    assert_eq!(gate.bodies_active(), 1, "it is just young enough");
    advance(ms(1)).await;
    let (mut newer, mut its_follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(newer.poll());
    assert_pending!(its_follower.poll());
    assert_eq!((gate.bodies_active(), group.in_flight()), (2, 2));
    gate.open();
    for call in [&mut old, &mut follower, &mut newer, &mut its_follower] {
        assert_ready_eq!(call.poll(), 2);
    }
    assert_eq!((gate.bodies_started(), group.in_flight()), (2, 0));
}

#[test]
fn max_followers_opens_a_newer_flight() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_followers(2));
    let gate = Gate::closed();
    let mut calls: Vec<_> = (0..9).map(|_| call(&group, &gate, 7)).collect();
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(
        (gate.bodies_active(), group.in_flight()),
        (3, 3),
        "a leader and two, three times"
    );
    gate.open();
    for call in &mut calls {
        assert_ready_eq!(call.poll(), 3);
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn followers_that_left_give_their_place_back() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_followers(2));
    let gate = Gate::closed();
    let mut leader = call(&group, &gate, 7);
    assert_pending!(leader.poll());
    for _ in 0..10 {
        let (mut a, mut b) = (call(&group, &gate, 7), call(&group, &gate, 7));
        assert_pending!(a.poll());
        assert_pending!(b.poll());
    }
    assert_eq!(gate.bodies_started(), 1);
}

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

#[tokio::test(start_paused = true)]
async fn a_thousand_that_have_waited_long_enough_run_one_more_body() {
    const WAIT: Duration = ms(100);
    const BODY: Duration = ms(150);

    let group = Arc::new(Group::<u64, u64>::new().with_config(Config::new().max_wait(WAIT)));
    let start = Instant::now();
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let group = Arc::clone(&group);
            tokio::spawn(async move {
                group
                    .call(7, async {
                        sleep(BODY).await;
                        49
                    })
                    .await
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 49);
    }
    let took = start.elapsed();
    assert!(took <= WAIT + BODY + ms(5), "{took:?}");
    let stats = group.stats();
    assert_eq!(stats.led + stats.takeovers, 2, "{stats}");
    assert_eq!((stats.calls, stats.led, stats.followed), (1_000, 1, 999));
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_once_stays_in_the_newer_flight() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_wait(ms(100)));
    let gate = Gate::closed();
    let (mut leader, mut early, mut late) = (
        call(&group, &gate, 7),
        call(&group, &gate, 7),
        call(&group, &gate, 7),
    );
    assert_pending!(leader.poll());
    assert_pending!(early.poll());
    advance(ms(50)).await;
    assert_pending!(late.poll());
    advance(ms(51)).await;
    assert!(early.is_woken());
    assert_pending!(early.poll());
    assert_eq!(
        (gate.bodies_active(), group.in_flight()),
        (2, 2),
        "it opened a newer one"
    );
    let mut newcomer = call(&group, &gate, 7);
    assert_pending!(newcomer.poll());
    advance(ms(50)).await;
    assert_pending!(late.poll());
    assert_eq!(gate.bodies_active(), 2, "the late one joined it");
    advance(ms(1_000)).await;
    assert_pending!(late.poll());
    assert_eq!(gate.bodies_active(), 2, "and stays");
    assert_pending!(newcomer.poll());
    assert_eq!(
        gate.bodies_active(),
        3,
        "while the newcomer has waited for the first time"
    );
    // Those in the older flights are where they were.
    gate.open();
    for call in [&mut leader, &mut early, &mut late, &mut newcomer] {
        assert_ready_eq!(call.poll(), 3);
    }
    assert_eq!((group.in_flight(), group.stats().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_a_take_over() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_wait(ms(100)));
    let gate = Gate::closed();
    let (mut leader, mut follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(leader);
    assert_pending!(follower.poll());
    advance(ms(1_000)).await;
    assert_pending!(follower.poll());
    assert_eq!(
        (gate.bodies_started(), gate.bodies_active()),
        (2, 1),
        "it leads, and does not wait"
    );
}

#[test]
fn waiting_outside_a_runtime_says_so() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_wait(ms(100)));
    let gate = Gate::closed();
    let (mut leader, mut follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(leader.poll(), "a leader needs none");
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| follower.poll()));
    let panic = *panic.unwrap_err().downcast::<&str>().unwrap();
    assert!(
        panic.starts_with("`max_wait` needs a Tokio runtime"),
        "{panic}"
    );
    drop(follower);
    assert_eq!(group.stats().waiting, 0);
    gate.open();
    assert_ready_eq!(leader.poll(), 1);
}

/// A displaced flight still lands for those in it, also if nobody had joined it before.
#[test]
fn a_lone_leader_is_displaced_after_it_was_joined() {
    let group = Group::<u64, usize>::new();
    let (old, new) = (Gate::closed(), Gate::closed());
    let (mut leader, mut a, mut b) = (
        call(&group, &old, 7),
        call(&group, &old, 7),
        call(&group, &old, 7),
    );
    assert_pending!(leader.poll());
    assert_pending!(a.poll());
    assert_pending!(b.poll());
    group.forget(7);
    let mut newer = call(&group, &new, 7);
    assert_pending!(newer.poll());
    old.open();
    assert_ready_eq!(leader.poll(), 1);
    assert_ready_eq!(a.poll(), 1);
    assert_ready_eq!(b.poll(), 1);
    assert_eq!(group.in_flight(), 1);
}

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
