//! What goes wrong in the engine or on the way: no call fails, and none waits long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coalesce_cluster::{
    Cluster, Fault, Health, Memory, Message, Operation,
    seam::Verdict::{Given, Run},
};
use tokio::time::{Instant, advance, sleep};

use crate::support::{Process, settle, two};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_sends_its_caller_to_run_at_once() {
    let (memory, one, _) = two().await;
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Fail,
        _ => Fault::None,
    });
    let began = Instant::now();
    assert_eq!(one.call(7).verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(matches!(one.cluster.health(), Health::Away(_)));
    assert_eq!(one.call(8).verdict().await, Run, "the engine is not asked");
    assert_eq!(one.cluster.stats().local, 2);
    memory.on_operation(|_, _| Fault::None);
    sleep(MS(1100)).await;
    assert_eq!(one.cluster.health(), Health::Connected);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_late_sends_one_caller_to_run_and_is_no_sign_of_silence() {
    let (memory, one, _) = two().await;
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Overtaken(MS(400)),
        _ => Fault::None,
    });
    let began = Instant::now();
    let mut late = one.call(7);
    late.asks().await;
    memory.on_operation(|_, _| Fault::None);
    // Others are answered.
    for key in 8..12 {
        sleep(MS(60)).await;
        assert_eq!(one.call(key).verdict().await, Run);
    }
    assert_eq!(late.verdict().await, Run);
    assert!(began.elapsed() <= MS(250), "{:?}", began.elapsed());
    assert_eq!(one.cluster.health(), Health::Connected);
    // It arrives after it was ended, and has no effect.
    sleep(MS(300)).await;
    let mut next = one.call(7);
    let began = Instant::now();
    assert_eq!(next.verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_silent_keeps_nobody_waiting_longer_than_promised() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.cut_off(1);
    let began = Instant::now();
    let mut asker = other.call(8);
    assert_eq!(asker.verdict().await, Run);
    assert!(began.elapsed() <= MS(250), "{:?}", began.elapsed());
    assert_eq!(waiter.verdict().await, Run);
    assert!(began.elapsed() <= MS(1500), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_waiter_alone_notices_silence_by_the_heartbeat() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.cut_off(1);
    let began = Instant::now();
    assert_eq!(waiter.verdict().await, Run);
    assert!(began.elapsed() <= MS(1500), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_away_is_tried_ever_more_seldom_and_costs_nothing() {
    let memory = Memory::simulated();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    memory.on_operation(move |operation, _| {
        assert_eq!(operation, Operation::Connect, "nothing else is asked");
        counted.fetch_add(1, Ordering::Relaxed);
        Fault::Fail
    });
    let process = Process::started(Cluster::new("shop"), &memory);
    for _ in 0..120 {
        let began = Instant::now();
        assert_eq!(process.call(7).verdict().await, Run);
        assert_eq!(began.elapsed(), Duration::ZERO);
        sleep(Duration::from_secs(1)).await;
    }
    let attempts = attempts.load(Ordering::Relaxed);
    assert!((6..=12).contains(&attempts), "{attempts}");
    memory.on_operation(|_, _| Fault::None);
    assert!(process.cluster.connected(Duration::from_secs(30)).await);
}

#[tokio::test(start_paused = true)]
async fn a_value_whose_message_is_lost_is_found() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.on_message(|message, _| {
        if message == Message::Value {
            Fault::Lose
        } else {
            Fault::None
        }
    });
    let began = Instant::now();
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert!(began.elapsed() <= MS(1100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_abandonment_whose_message_is_lost_is_noticed() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.on_message(|message, _| {
        if message == Message::Abandoned {
            Fault::Lose
        } else {
            Fault::None
        }
    });
    let began = Instant::now();
    leader.goes();
    assert_eq!(waiter.verdict().await, Run);
    assert!(began.elapsed() <= MS(1100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn no_newcomer_joins_a_wait_that_was_not_confirmed_lately() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    // It asks after a second at the latest, then after two.
    sleep(MS(1000)).await;
    assert!(!waiter.is_displaced());
    memory.on_message(|message, _| {
        if message == Message::Value {
            Fault::Lose
        } else {
            Fault::None
        }
    });
    leader.end(49);
    while !waiter.is_displaced() {
        sleep(MS(1)).await;
    }
    waiter.asks().await;
    assert_eq!(other.call(7).verdict().await, Run);
    assert_eq!(waiter.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_a_stopped_process_finds_is_not_given_since_newcomers_may_have_joined() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.on_message(|_, _| Fault::Overtaken(Duration::from_secs(20)));
    leader.end(49);
    settle().await;
    // No timer fires in between.
    advance(Duration::from_secs(20)).await;
    assert_eq!(waiter.verdict().await, Run);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_before_the_answer_is_not_lost() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Answer(MS(20)),
        _ => Fault::None,
    });
    let began = Instant::now();
    let mut waiter = other.call(7);
    waiter.asks().await;
    leader.end(49);
    settle().await;
    assert_eq!(waiter.verdict().await, Given(49));
    assert_eq!(
        began.elapsed(),
        MS(20),
        "with the answer, not by asking again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_made_anew_and_nobody_notices() {
    let (memory, one, other) = two().await;
    sleep(MS(1100)).await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.disconnect(0);
    memory.disconnect(1);
    let mut third = other.call(7);
    third.asks().await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert_eq!(third.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_lost_with_the_connection_is_repeated() {
    let (memory, one, other) = two().await;
    sleep(MS(1100)).await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    memory.on_operation(|operation, _| {
        if operation == Operation::End {
            Fault::Lose
        } else {
            Fault::None
        }
    });
    leader.end(49);
    settle().await;
    memory.on_operation(|_, _| Fault::None);
    memory.disconnect(0);
    let began = Instant::now();
    assert_eq!(waiter.verdict().await, Given(49), "the body ended just now");
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_forget_while_the_engine_is_away_is_told_when_it_is_back() {
    let (memory, one, other) = two().await;
    sleep(MS(1100)).await;
    let mut old = one.call(7);
    assert_eq!(old.verdict().await, Run);
    memory.cut_off(1);
    sleep(MS(1500)).await;
    assert!(matches!(other.cluster.health(), Health::Away(_)));
    other.forget(7);
    assert!(
        other
            .product()
            .forget_everywhere::<u64, _>(&7)
            .await
            .is_err()
    );
    memory.heal(1);
    assert!(other.cluster.connected(Duration::from_secs(30)).await);
    settle().await;
    assert!(old.is_displaced());
    assert_eq!(
        other.call(7).verdict().await,
        Run,
        "later calls of this member run anew"
    );
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_stopped_finds_its_lease_taken_and_lets_newcomers_go_elsewhere() {
    let (memory, one, other) = two().await;
    let mut stopped = one.call(7);
    assert_eq!(stopped.verdict().await, Run);
    memory.expire();
    let mut second = other.call(7);
    assert_eq!(second.verdict().await, Run);
    assert!(!stopped.is_displaced());
    sleep(MS(1000)).await;
    settle().await;
    assert!(stopped.is_displaced(), "it renews, and learns it");
    let mut newcomer = one.call(7);
    newcomer.asks().await;
    stopped.end(1);
    newcomer.asks().await;
    second.end(2);
    assert_eq!(
        newcomer.verdict().await,
        Given(2),
        "what was stopped reaches only who waits for it"
    );
}

#[test]
fn a_member_whose_runtime_ends_answers_everybody() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let first = runtime();
    let (memory, mut waiter) = first.block_on(async {
        let (memory, one, other) = two().await;
        let mut leader = one.call(7);
        assert_eq!(leader.verdict().await, Run);
        let mut waiter = other.call(7);
        waiter.asks().await;
        (memory, waiter)
    });
    drop((first, memory));
    assert_eq!(futures::executor::block_on(waiter.verdict()), Run);
}
