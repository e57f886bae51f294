//! What is lost or late on the way, and what comes to a process that was stopped.

use std::time::Duration;

use coalesce_cluster::{Fault, Message, Operation};
use coalesce_runtime::private::across::Verdict::{Given, Run};
use tokio::time::{Instant, advance, sleep};

use crate::support::{settle, two};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[tokio::test(start_paused = true)]
async fn a_value_whose_message_is_lost_is_found() {
    let (memory, one, other) = two().await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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
    let leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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
    let mut leader = one.leads(7).await;
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Answer(MS(20)),
        _ => Fault::None,
    });
    let began = Instant::now();
    let mut waiter = other.waits(7).await;
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
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    memory.disconnect(0);
    memory.disconnect(1);
    let mut third = other.waits(7).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert_eq!(third.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_lost_with_the_connection_is_repeated() {
    let (memory, one, other) = two().await;
    sleep(MS(1100)).await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
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
async fn a_leader_that_was_stopped_finds_its_lease_taken_and_lets_newcomers_go_elsewhere() {
    let (memory, one, other) = two().await;
    let mut stopped = one.leads(7).await;
    memory.expire();
    let mut second = other.leads(7).await;
    assert!(!stopped.is_displaced());
    sleep(MS(1000)).await;
    settle().await;
    assert!(stopped.is_displaced(), "it renews, and learns it");
    let mut newcomer = one.waits(7).await;
    stopped.end(1);
    newcomer.asks().await;
    second.end(2);
    assert_eq!(
        newcomer.verdict().await,
        Given(2),
        "what was stopped reaches only who waits for it"
    );
}
