//! Who leaves: a leader, a waiter, a member; who comes after it, and who learns of it.

use std::time::Duration;

use coalesce_cluster::Health;
use coalesce_runtime::private::across::Verdict::{Given, Run};
use tokio::time::{Instant, sleep};

use crate::support::{Caller, Process, settle, two};

#[tokio::test(start_paused = true)]
async fn when_the_leading_member_is_killed_one_takes_over_after_its_lease() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let _leader = one.leads(7).await;
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
    let leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    let began = Instant::now();
    leader.goes();
    assert_eq!(waiter.verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_next_caller_of_the_leading_member_asks_first_with_a_new_token() {
    let (_memory, one, other) = two().await;
    let leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    let mut successor: Caller<u64> = leader.leaves().taken_over();
    assert_eq!(successor.verdict().await, Run);
    waiter.asks().await;
    successor.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn a_fresh_flight_whose_leader_goes_before_it_asks_is_fresh_all_the_same() {
    let (_memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    let mut successor: Caller<u64> = other.fresh(7).leaves().taken_over();
    let began = Instant::now();
    assert_eq!(successor.verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO, "it waits for nobody");
    successor.end(50);
    leader.end(49);
}

#[tokio::test(start_paused = true)]
async fn a_local_leader_that_waits_and_is_dropped_leaves_its_wait_to_its_successor() {
    let (_memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    let waiter = other.waits(7).await;
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
    let leader = one.leads(7).await;
    let waiter = other.waits(7).await;
    let vacant = waiter.leaves();
    leader.goes();
    settle().await;
    assert!(
        memory.is_empty(),
        "its turn has come, and it was given back"
    );
    let mut newcomer = one.leads(7).await;
    let mut successor: Caller<u64> = vacant.taken_over();
    successor.asks().await;
    newcomer.end(3);
    assert_eq!(successor.verdict().await, Given(3));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_offered_to_a_caller_that_goes_is_given_back() {
    let (memory, one, other) = two().await;
    let leader = one.waits(7).await;
    let vacant = leader.leaves();
    settle().await;
    assert!(memory.is_empty());
    assert_eq!(other.call(7).verdict().await, Run);
    drop(vacant);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_not_polled_keeps_nobody_waiting_longer_than_a_lease() {
    let (_memory, one, other) = two().await;
    let _leader = one.waits(7).await;
    let mut waiter = other.waits(7).await;
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
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    let held = other.leads(8).await;
    let mut mine = one.waits(8).await;
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
async fn close_gives_what_has_ended_to_who_waits_for_it() {
    let (_memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    leader.end(49);
    one.cluster.close().await;
    assert_eq!(waiter.verdict().await, Given(49));
}
