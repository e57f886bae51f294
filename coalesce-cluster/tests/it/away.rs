//! The engine is away, slow, or fails: no call fails, and none waits long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coalesce_cluster::{Cluster, Fault, Health, Memory, Operation};
use coalesce_runtime::private::across::Verdict::Run;
use tokio::time::{Instant, sleep};

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
    let mut late = one.waits(7).await;
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
    let _leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    memory.cut_off(1);
    let began = Instant::now();
    let _asker = other.leads(8).await;
    assert!(began.elapsed() <= MS(250), "{:?}", began.elapsed());
    assert_eq!(waiter.verdict().await, Run);
    assert!(began.elapsed() <= MS(1500), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_waiter_alone_notices_silence_by_the_heartbeat() {
    let (memory, one, other) = two().await;
    let _leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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

/// A connection that is lost is made anew at once, and that fails: another way there than an engine that is silent.
#[tokio::test(start_paused = true)]
async fn an_engine_that_goes_now_and_then_is_back_as_soon_each_time() {
    let (memory, one, _other) = two().await;
    for _ in 0..8 {
        sleep(Duration::from_secs(20)).await;
        memory.on_operation(|operation, _| match operation {
            Operation::Connect => Fault::Fail,
            _ => Fault::None,
        });
        memory.disconnect(0);
        sleep(Duration::from_secs(2)).await;
        assert!(matches!(one.cluster.health(), Health::Away(_)));
        memory.on_operation(|_, _| Fault::None);
        let back = Instant::now();
        assert!(one.cluster.connected(Duration::from_secs(60)).await);
        let took = back.elapsed();
        assert!(took <= Duration::from_secs(2), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_forget_while_the_engine_is_away_is_told_when_it_is_back() {
    let (memory, one, other) = two().await;
    sleep(MS(1100)).await;
    let old = one.leads(7).await;
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
        let _leader = one.leads(7).await;
        let waiter = other.waits(7).await;
        (memory, waiter)
    });
    drop((first, memory));
    assert_eq!(futures::executor::block_on(waiter.verdict()), Run);
}
