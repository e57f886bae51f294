//! What others, and our first draft, fell into. Each is a test; those of a promise are beside it:
//!
//! 1. A lock without a token: `faults::a_leader_that_was_stopped_finds_its_lease_taken_..`.
//! 2. A lease shorter than the work: `promises::a_body_that_runs_longer_than_its_lease_..`.
//! 3. Everybody runs when the leader dies: `leaving::when_the_leading_member_is_killed_..`.
//! 4. The lease survives an error, a panic, a cancellation: below.
//! 5. The last flight's value served to a new call: `promises::a_value_that_is_kept_..`.
//! 6. Outcomes only published: `faults::a_value_whose_message_is_lost_..`.
//! 7. Published before subscribed: `faults::a_message_that_comes_before_the_answer_..`.
//! 8. A blocked connection per waiter: `redis::calls::a_hundred_who_wait_..`.
//! 9. Cancelled between request and reply: below.
//! 10. Waiters released one by one: `promises::when_the_body_panics_..`, `crossing::an_error_that_has_no_encoding_..`.
//! 11. Losing the lease fails a call that has its value: below.
//! 12. The engine away fails the call, or each call pays the timeout: `away::an_engine_that_is_away_..`.
//! 13. A client that reconnects and forgets its subscriptions: `redis::away::a_connection_that_is_killed_..`.
//! 14. Another version's bytes decode: `crossing::a_frame_of_another_version_..`.
//! 15. The library repeats a script: `redis::scripts::no_begin_comes_behind_its_own_end_..`.
//! 16. An abandonment stored like a value: below.
//! 17. A recheck re-elects while the displaced body runs: `promises::a_new_flight_is_opened_by_fresh_..`.
//! 18. Large values stop the server: `redis::large::a_mebibyte_is_fetched_..`.
//! 19. A key poorer in bytes than in `Eq`: `crossing::a_key_that_loses_a_part_..`.
//! 20. The client's tasks live on the first test's runtime: below.
//! 21. Unnamed groups, two functions of one path, staging and production: `promises::other_keys_..`, `crossing::a_name_is_..`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coalesce_cluster::{Cluster, Fault, Memory, Operation};
use coalesce_runtime::private::across::Verdict::{Given, Run};

use tokio::time::Instant;

use crate::support::{Caller, Process, settle, two};

#[tokio::test(start_paused = true)]
async fn trap_4_the_lease_survives_an_error_a_panic_or_a_cancellation() {
    let (memory, one, _) = two().await;
    let mut fails = Caller::<Result<u64, String>>::of(one.cluster.across("fails"), &7, false);
    assert_eq!(fails.verdict().await, Run);
    fails.end(Err("down".into()));
    let mut panics = one.leads(8).await;
    panics.panics();
    let goes = one.leads(9).await;
    goes.goes();
    // Without a word: as a future that is dropped.
    let dropped = one.leads(10).await;
    drop(dropped);
    settle().await;
    assert!(memory.is_empty());
}

#[tokio::test(start_paused = true)]
async fn trap_9_cancelled_between_request_and_reply_the_placeholder_stays() {
    let (memory, one, other) = two().await;
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Answer(Duration::from_millis(5)),
        _ => Fault::None,
    });
    let caller = one.waits(7).await;
    assert_eq!(memory.len(), 1, "the lease is there, and nobody knows");
    caller.goes();
    settle().await;
    memory.on_operation(|_, _| Fault::None);
    let began = Instant::now();
    assert_eq!(other.call(7).verdict().await, Run);
    assert_eq!(began.elapsed(), Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(memory.is_empty());
}

#[tokio::test(start_paused = true)]
async fn trap_11_losing_the_lease_fails_a_call_that_has_its_value() {
    let (memory, one, other) = two().await;
    let mut stopped = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    memory.expire();
    let mut second = other.leads(7).await;
    // It ends as if nothing had been, and frees nobody's lease.
    stopped.end(1);
    settle().await;
    assert_eq!(memory.len(), 1);
    // Who waited for it asks again, and waits for the other one.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    waiter.asks().await;
    second.end(2);
    assert_eq!(waiter.verdict().await, Given(2));
}

#[tokio::test(start_paused = true)]
async fn trap_16_an_abandonment_is_stored_like_a_value_and_found_for_ever() {
    let (memory, one, other) = two().await;
    let begins = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begins);
    memory.on_operation(move |operation, _| {
        counted.fetch_add(
            usize::from(operation == Operation::Begin),
            Ordering::Relaxed,
        );
        Fault::None
    });
    let leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    leader.goes();
    assert_eq!(waiter.verdict().await, Run);
    assert_eq!(
        begins.load(Ordering::Relaxed),
        3,
        "one for each, and one for the turn"
    );
    assert_eq!(memory.len(), 1, "the lease");
}

#[test]
fn trap_20_the_clients_tasks_live_on_the_first_tests_runtime() {
    static SHOP: Cluster = Cluster::new("shop");
    let memory = Memory::new();
    for number in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            SHOP.connect(memory.clone()).unwrap();
            assert!(SHOP.connected(Duration::from_secs(5)).await);
            let process = Process { cluster: &SHOP };
            let mut leader = process.leads(number).await;
            leader.end(49);
            // The engine answers, and not only the first time.
            let told = process.product().forget_everywhere::<u64, _>(&number).await;
            assert_eq!(told, Ok(()));
        });
    }
    // Who has no runtime is served, too.
    let process = Process { cluster: &SHOP };
    assert_eq!(futures::executor::block_on(process.call(7).verdict()), Run);
}
