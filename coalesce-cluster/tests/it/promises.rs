//! What a cluster promises, a row of the table each.

use std::time::Duration;

use coalesce_cluster::{Away, Cluster, Fault, Health, Operation};
use coalesce_runtime::private::across::Verdict::{Given, Run};
use tokio::time::{Instant, advance, sleep};

use crate::support::{Caller, Process, settle, two};

#[tokio::test(start_paused = true)]
async fn identical_calls_of_two_members_share_one_body() {
    let (memory, one, other) = two().await;
    let began = Instant::now();
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(other.cluster.stats().elsewhere, 1);
    sleep(Duration::from_secs(5)).await;
    assert!(memory.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_after_the_end_is_a_new_flight() {
    let (memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    leader.end(49);
    settle().await;
    assert!(memory.is_empty(), "nobody waited");
    assert_eq!(other.call(7).verdict().await, Run);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_kept_for_who_missed_it_is_given_to_no_later_call() {
    let (memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert!(!memory.is_empty(), "it is kept");
    assert_eq!(other.call(7).verdict().await, Run);
    assert!(
        waiter.is_displaced(),
        "nobody joins the local flight any more"
    );
}

#[tokio::test(start_paused = true)]
async fn other_keys_functions_clusters_and_namespaces_never_meet() {
    let (memory, one, other) = two().await;
    let began = Instant::now();
    let _held = one.leads(7).await;
    assert_eq!(other.call(8).verdict().await, Run);
    let orders = other.cluster.across("orders");
    assert_eq!(Caller::<u64>::of(orders, &7, false).verdict().await, Run);
    let mall = Process::with(Cluster::new("mall"), &memory).await;
    assert_eq!(mall.call(7).verdict().await, Run);
    let staging = Process::at(&memory.clone().namespace("staging")).await;
    assert_eq!(staging.call(7).verdict().await, Run);
    let secret = Process::at(&memory.clone().secret("s")).await;
    assert_eq!(secret.call(7).verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_local_flight_that_joins_another_of_its_member_waits_for_an_end_that_is_on_its_way() {
    let (memory, one, _other) = two().await;
    let mut leader = one.leads(7).await;
    memory.on_operation(|_, _| Fault::Delay(Duration::from_millis(1)));
    let mut newcomer = one.waits(7).await;
    leader.end(49);
    assert_eq!(newcomer.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn when_the_body_panics_the_others_run_their_own_all_at_once() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let mut leader = one.leads(7).await;
    let (mut second, mut last) = (other.call(7), third.call(7));
    second.asks().await;
    last.asks().await;
    leader.panics();
    assert_eq!(second.verdict().await, Run);
    assert_eq!(last.verdict().await, Run, "not one after the other");
    assert_eq!(other.cluster.stats().unshared, 1);
    settle().await;
    assert!(memory.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_flight_is_opened_by_fresh_and_those_in_the_old_one_get_its_value() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let mut old = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    let mut fresh = third.fresh(7);
    assert_eq!(fresh.verdict().await, Run);
    settle().await;
    assert!(
        old.is_displaced() && waiter.is_displaced(),
        "newcomers open another local flight"
    );
    let mut newcomer = other.waits(7).await;
    // Long enough that all have asked again.
    sleep(Duration::from_secs(20)).await;
    old.end(1);
    assert_eq!(waiter.verdict().await, Given(1));
    newcomer.asks().await;
    fresh.end(2);
    assert_eq!(newcomer.verdict().await, Given(2));
}

#[tokio::test(start_paused = true)]
async fn forget_lets_later_calls_run_anew_here_at_once_and_elsewhere_when_told() {
    let (_memory, one, other) = two().await;
    let mut old = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    other.forget(7);
    // Queued right behind it.
    let mut newcomer = other.leads(7).await;
    settle().await;
    assert!(old.is_displaced(), "the others are told");
    let mut later = one.waits(7).await;
    old.end(1);
    assert_eq!(waiter.verdict().await, Given(1));
    newcomer.end(2);
    assert_eq!(later.verdict().await, Given(2));
}

#[tokio::test(start_paused = true)]
async fn forget_everywhere_waits_until_the_engine_has_told_the_others() {
    let (_memory, one, other) = two().await;
    let old = one.leads(7).await;
    assert_eq!(
        other.product().forget_everywhere::<u64, _>(&7).await,
        Ok(())
    );
    settle().await;
    assert!(old.is_displaced());
    other.cluster.close().await;
    assert!(
        other
            .product()
            .forget_everywhere::<u64, _>(&7)
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_all_that_was_forgotten_before_it() {
    let (memory, one, _other) = two().await;
    memory.on_operation(|operation, _| match operation {
        Operation::Forget => Fault::Delay(Duration::from_millis(100)),
        _ => Fault::None,
    });
    let began = Instant::now();
    assert_eq!(one.cluster.flush().await, Ok(()), "nothing was forgotten");
    assert_eq!(began.elapsed(), Duration::ZERO);
    for key in [7, 8, 7] {
        one.forget(key);
        settle().await;
        advance(Duration::from_millis(20)).await;
    }
    let began = Instant::now();
    assert_eq!(one.cluster.flush().await, Ok(()));
    assert_eq!(began.elapsed(), Duration::from_millis(80));
    // It goes while somebody waits.
    one.forget(9);
    let mut flush = tokio_test::task::spawn(one.cluster.flush());
    assert!(flush.poll().is_pending());
    memory.cut_off(0);
    assert_eq!(flush.await, Err(Away));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_runs_longer_than_its_lease_keeps_it_until_max_hold() {
    let (_memory, one, other) = two().await;
    let _leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    sleep(Duration::from_secs(55)).await;
    waiter.asks().await;
    let began = Instant::now();
    assert_eq!(waiter.verdict().await, Run, "a minute is over");
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_without_an_engine_is_each_process_for_itself() {
    let process = Process {
        cluster: Box::leak(Box::new(Cluster::new("shop"))),
    };
    assert_eq!(process.cluster.health(), Health::Unconnected);
    assert!(!process.cluster.connected(Duration::from_secs(1)).await);
    assert_eq!(process.call(7).verdict().await, Run);
    process.forget(7);
    process.cluster.close().await;
    advance(Duration::from_secs(1)).await;
}
