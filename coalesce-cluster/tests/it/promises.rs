//! What a cluster promises, a row of the table each.

use std::time::Duration;

use coalesce_cluster::{
    Cluster, Fault, Health,
    seam::Verdict::{Given, Run},
};
use tokio::time::{Instant, advance, sleep};

use crate::support::{Caller, Process, settle, two};

#[tokio::test(start_paused = true)]
async fn identical_calls_of_two_members_share_one_body() {
    let (memory, one, other) = two().await;
    let began = Instant::now();
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
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
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    leader.end(49);
    settle().await;
    assert!(memory.is_empty(), "nobody waited");
    assert_eq!(other.call(7).verdict().await, Run);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_kept_for_who_missed_it_is_given_to_no_later_call() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
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
    let mut held = one.call(7);
    assert_eq!(held.verdict().await, Run);
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
async fn when_the_leading_member_is_killed_one_takes_over_after_its_lease() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let (mut second, mut last) = (other.call(7), third.call(7));
    second.asks().await;
    last.asks().await;
    memory.cut_off(0);
    let killed = Instant::now();
    assert_eq!(second.verdict().await, Run);
    let waited = killed.elapsed();
    assert!(waited <= Duration::from_millis(3050), "{waited:?}");
    sleep(Duration::from_secs(10)).await;
    last.asks().await;
    second.end(50);
    assert_eq!(last.verdict().await, Given(50));
}

#[tokio::test(start_paused = true)]
async fn when_the_leading_caller_is_dropped_those_who_wait_are_told_at_once() {
    let (_memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let began = Instant::now();
    leader.goes();
    assert_eq!(waiter.verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_next_caller_of_the_leading_member_asks_first_with_a_new_token() {
    let (_memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let mut successor: Caller<u64> = leader.leaves().taken_over();
    assert_eq!(successor.verdict().await, Run);
    waiter.asks().await;
    successor.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn a_local_leader_that_waits_and_is_dropped_leaves_its_wait_to_its_successor() {
    let (_memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let mut second: Caller<u64> = waiter.leaves().taken_over();
    second.asks().await;
    let vacant = second.leaves();
    leader.end(49);
    settle().await;
    let mut third: Caller<u64> = vacant.taken_over();
    assert_eq!(
        third.verdict().await,
        Given(49),
        "it came while nobody attended"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_not_taken_for_a_local_flight_that_nobody_attends_to() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let vacant = waiter.leaves();
    leader.goes();
    settle().await;
    assert!(
        memory.is_empty(),
        "its turn has come, and it was given back"
    );
    let mut newcomer = one.call(7);
    assert_eq!(newcomer.verdict().await, Run);
    let mut successor: Caller<u64> = vacant.taken_over();
    successor.asks().await;
    newcomer.end(3);
    assert_eq!(successor.verdict().await, Given(3));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_offered_to_a_caller_that_goes_is_given_back() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    leader.asks().await;
    let vacant = leader.leaves();
    settle().await;
    assert!(memory.is_empty());
    assert_eq!(other.call(7).verdict().await, Run);
    drop(vacant);
}

#[tokio::test(start_paused = true)]
async fn a_local_flight_that_joins_another_of_its_member_waits_for_an_end_that_is_on_its_way() {
    let (memory, one, _other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    memory.on_operation(|_, _| Fault::Delay(Duration::from_millis(1)));
    let mut newcomer = one.call(7);
    newcomer.asks().await;
    leader.end(49);
    assert_eq!(newcomer.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn when_the_body_panics_the_others_run_their_own_all_at_once() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
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
    let mut old = one.call(7);
    assert_eq!(old.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let mut fresh = third.fresh(7);
    assert_eq!(fresh.verdict().await, Run);
    settle().await;
    assert!(
        old.is_displaced() && waiter.is_displaced(),
        "newcomers open another local flight"
    );
    let mut newcomer = other.call(7);
    newcomer.asks().await;
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
    let mut old = one.call(7);
    assert_eq!(old.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    other.forget(7);
    // Queued right behind it.
    let mut newcomer = other.call(7);
    assert_eq!(newcomer.verdict().await, Run);
    settle().await;
    assert!(old.is_displaced(), "the others are told");
    let mut later = one.call(7);
    later.asks().await;
    old.end(1);
    assert_eq!(waiter.verdict().await, Given(1));
    newcomer.end(2);
    assert_eq!(later.verdict().await, Given(2));
}

#[tokio::test(start_paused = true)]
async fn forget_everywhere_waits_until_the_engine_has_told_the_others() {
    let (_memory, one, other) = two().await;
    let mut old = one.call(7);
    assert_eq!(old.verdict().await, Run);
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
async fn a_body_that_runs_longer_than_its_lease_keeps_it_until_max_hold() {
    let (_memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    sleep(Duration::from_secs(55)).await;
    waiter.asks().await;
    let began = Instant::now();
    assert_eq!(waiter.verdict().await, Run, "a minute is over");
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_not_polled_keeps_nobody_waiting_longer_than_a_lease() {
    let (_memory, one, other) = two().await;
    let mut leader = one.call(7);
    leader.asks().await;
    let mut waiter = other.call(7);
    waiter.asks().await;
    let began = Instant::now();
    assert_eq!(waiter.verdict().await, Run);
    assert!(
        began.elapsed() <= Duration::from_millis(3050),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn close_gives_the_leases_back_and_nobody_stalls() {
    let (memory, one, other) = two().await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waiter.asks().await;
    let mut held = other.call(8);
    assert_eq!(held.verdict().await, Run);
    let mut mine = one.call(8);
    mine.asks().await;
    let began = Instant::now();
    one.cluster.close().await;
    assert_eq!(waiter.verdict().await, Run);
    assert_eq!(mine.verdict().await, Run, "who waits here is told to run");
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(one.cluster.health(), Health::Closed);
    leader.end(49);
    assert_eq!(one.call(7).verdict().await, Run);
    drop((waiter, held, mine));
    sleep(Duration::from_secs(5)).await;
    assert!(memory.is_empty());
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
