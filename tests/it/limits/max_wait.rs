//! `max_wait`: of those who have waited long enough one runs, and each of them waits in this way but once.

use super::{call, ms};
use crate::support::Gate;
use coalesced::{Config, Group, Role, coalesce, observe};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, advance, sleep};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

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
