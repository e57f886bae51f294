//! Limits: none fails a call, and none stampedes.

use crate::support::Gate;
use coalesced::{Config, Group, Role, coalesce, groups, observe};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, advance, sleep};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

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

/// What the first call of a group under `max_wait` panics with.
fn refusal_of_max_wait() -> String {
    let config = Config::new().max_wait(ms(100));
    let group = Group::<u64, usize>::new()
        .named("limits::patient")
        .with_config(config);
    let gate = Gate::closed();
    let mut first = call(&group, &gate, 7);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| first.poll()));
    drop(first);
    assert_eq!((group.in_flight(), gate.bodies_started()), (0, 0));
    *panic
        .expect_err("it was refused")
        .downcast::<String>()
        .unwrap()
}

const REFUSAL_OF_MAX_WAIT: &str = "`max_wait` of `limits::patient` needs a Tokio runtime whose time is \
                                   enabled; call it from one, or leave out `max_wait`";

#[test]
fn max_wait_without_a_runtime_was_told_of_by_those_only_who_had_to_wait() {
    assert_eq!(refusal_of_max_wait(), REFUSAL_OF_MAX_WAIT);
}

#[test]
fn max_wait_on_a_runtime_without_time_was_refused_in_tokios_words() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let refusal = runtime.block_on(async { refusal_of_max_wait() });
    assert_eq!(refusal, REFUSAL_OF_MAX_WAIT);
}

#[test]
fn calls_that_share_nothing_need_no_time() {
    let config = Config::new().max_wait(ms(100)).enabled(false);
    let group = Group::<u64, usize>::new().with_config(config);
    let gate = Gate::closed();
    gate.open();
    assert_ready_eq!(call(&group, &gate, 7).poll(), 1);
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

/// It was counted as nothing, where the newer flight was vacant, and reported as none in either case.
#[tokio::test(start_paused = true)]
async fn who_comes_to_lead_by_max_wait_has_taken_over() {
    let group = Group::<u64, usize>::new().with_config(Config::new().max_wait(ms(100)));
    let gate = Gate::closed();
    for vacant in [true, false] {
        group.reset_stats();
        gate.close();
        let mut leader = call(&group, &gate, 7);
        let mut late = task::spawn(observe(call(&group, &gate, 7)));
        assert_pending!(leader.poll());
        assert_pending!(late.poll());
        if vacant {
            group.forget(7);
            let (mut newer, mut follower) = (call(&group, &gate, 7), call(&group, &gate, 7));
            assert_pending!(newer.poll());
            assert_pending!(follower.poll());
            drop(newer);
            advance(ms(101)).await;
            assert_pending!(late.poll());
            assert_eq!(group.stats().takeovers, 1, "before the one who was to");
            drop(follower);
        } else {
            advance(ms(101)).await;
            assert_pending!(late.poll());
        }
        let mut follower = task::spawn(observe(call(&group, &gate, 7)));
        assert_pending!(follower.poll());
        gate.open();
        let stats = group.stats();
        let report = assert_ready!(late.poll()).1.unwrap();
        assert_eq!((report.role, report.takeovers), (Role::Leader, 1));
        assert_eq!(stats.takeovers, 1, "{stats}");
        let report = assert_ready!(follower.poll()).1.unwrap();
        assert_eq!((report.role, report.takeovers), (Role::Follower, 1));
        drop(leader);
    }
}

/// A flight that was opened since a caller had waited long enough knew nothing of its age.
#[tokio::test(start_paused = true)]
async fn a_flight_opened_by_max_wait_has_an_age_and_a_size() {
    let config = Config::new()
        .max_wait(ms(100))
        .max_age(ms(500))
        .max_followers(1);
    let group = Group::<u64, usize>::new().with_config(config);
    let gate = Gate::closed();
    let (mut leader, mut opens) = (call(&group, &gate, 7), call(&group, &gate, 7));
    assert_pending!(leader.poll());
    assert_pending!(opens.poll());
    advance(ms(101)).await;
    assert_pending!(opens.poll());
    assert_eq!(gate.bodies_started(), 2);
    advance(ms(501)).await;
    let mut newcomer = call(&group, &gate, 7);
    assert_pending!(newcomer.poll());
    assert_eq!(gate.bodies_started(), 3, "it was too old");
}

/// Having waited for one body that took too long, and for one that failed, a caller waited for a third.
#[tokio::test(start_paused = true)]
async fn with_share_ok_nobody_waits_for_a_third_body() {
    #[coalesce(group = group, key = gate.id, share = ok)]
    async fn fails(group: &Group<u64, u64>, gate: &Gate) -> Result<u64, ()> {
        gate.pass().await;
        Err(())
    }

    let group = &Group::<u64, u64>::new().with_config(Config::new().max_wait(ms(100)));
    let gate = &*Gate::closed();
    // One is too slow, the next one fails.
    let [mut slow, mut second, mut patient] = [(); 3].map(|()| task::spawn(fails(group, gate)));
    assert_pending!(slow.poll());
    assert_pending!(second.poll());
    assert_pending!(patient.poll());
    advance(ms(101)).await;
    assert_pending!(second.poll());
    assert_pending!(patient.poll());
    let mut newcomer = task::spawn(fails(group, gate));
    assert_pending!(newcomer.poll());
    assert_eq!(gate.bodies_active(), 2);
    gate.open();
    assert_ready_eq!(second.poll(), Err(()));
    gate.close();
    assert_pending!(newcomer.poll());
    assert_eq!(gate.bodies_started(), 3, "it saw one fail, and tries");
    assert_pending!(patient.poll());
    assert_eq!(gate.bodies_started(), 4, "it waits for no third one");
    drop((slow, newcomer, patient));
    assert_eq!((group.in_flight(), group.stats().waiting), (0, 0));

    // One fails, the next one is too slow.
    let [mut failed, mut slow, mut patient] = [(); 3].map(|()| task::spawn(fails(group, gate)));
    assert_pending!(failed.poll());
    assert_pending!(slow.poll());
    assert_pending!(patient.poll());
    gate.open();
    assert_ready_eq!(failed.poll(), Err(()));
    gate.close();
    assert_pending!(slow.poll());
    assert_pending!(patient.poll());
    group.forget(gate.id);
    let mut newer = task::spawn(fails(group, gate));
    assert_pending!(newer.poll());
    let before = gate.bodies_started();
    advance(ms(101)).await;
    assert_pending!(patient.poll());
    assert_eq!(gate.bodies_started(), before + 1);
    assert_eq!(group.stats().waiting, 0, "it runs its own");
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
