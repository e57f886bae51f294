//! What crosses, and what does not: keys, values, errors, versions, names, secrets.

use coalesce_cluster::{Cluster, Codec, Crossing, Memory, OnlyOk, Unshared};
use coalesce_runtime::private::across::Verdict::{Given, Run};
use serde::{Deserialize, Serialize};

use crate::support::{Caller, Process, settle, two};

#[tokio::test(start_paused = true)]
async fn an_error_crosses_where_the_whole_result_can_be_serialized() {
    let (_memory, one, other) = two().await;
    let call = |process: Process| Caller::<Result<u64, String>>::of(process.product(), &7, false);
    let mut leader = call(one);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = call(other);
    waiter.asks().await;
    leader.end(Err("down".into()));
    assert_eq!(waiter.verdict().await, Given(Err("down".into())));
}

#[derive(Debug, PartialEq)]
struct Opaque;

#[tokio::test(start_paused = true)]
async fn an_error_that_has_no_encoding_is_for_its_own_caller_and_the_others_run_all_at_once() {
    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let crossing = |process: Process| process.product().only_ok();
    let call = |process| Caller::<Result<u64, Opaque>, OnlyOk>::of(crossing(process), &7, false);
    let mut leader = call(one);
    assert_eq!(leader.verdict().await, Run);
    let (mut second, mut last) = (call(other), call(third));
    second.asks().await;
    last.asks().await;
    leader.end(Err(Opaque));
    assert_eq!(second.verdict().await, Run);
    assert_eq!(last.verdict().await, Run);
    assert_eq!(one.cluster.stats().unshared, 1);
    let mut next = call(one);
    assert_eq!(next.verdict().await, Run);
    let mut waiter = call(third);
    waiter.asks().await;
    next.end(Ok(49));
    assert_eq!(
        waiter.verdict().await,
        Given(Ok(49)),
        "its key is asked for all the same"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_told_to_be_and_its_key_stays_away_for_a_while() {
    let memory = Memory::simulated();
    let small = || Cluster::new("shop").max_payload(10);
    let one = Process::with(small(), &memory).await;
    let other = Process::with(small(), &memory).await;
    let call = |process: Process| Caller::<String>::of(process.product(), &7, false);
    let mut leader = call(one);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = call(other);
    waiter.asks().await;
    leader.end("more than ten bytes".into());
    assert_eq!(waiter.verdict().await, Run);
    let mut away = call(one);
    assert_eq!(away.verdict().await, Run);
    settle().await;
    assert_eq!(memory.len(), 0, "the engine was not asked");
    tokio::time::sleep(std::time::Duration::from_secs(31)).await;
    let mut back = call(one);
    assert_eq!(back.verdict().await, Run);
    assert_eq!(memory.len(), 1);
}

/// A value that can't be written.
#[derive(Debug, PartialEq)]
struct Fails;

impl Codec<Fails> for Fails {
    const NAME: &'static str = "fails";

    fn encode(_: &Fails, _: usize) -> Result<Vec<u8>, Unshared> {
        Err(Unshared::Fails)
    }

    fn decode(_: &[u8]) -> Option<Fails> {
        None
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Old {
    id: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct New {
    id: u64,
    #[serde(default)]
    price: Option<u64>,
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_another_version_is_run_here_and_counted() {
    let (memory, old, new) = two().await;
    let mut leader = Caller::<Old>::of(old.product(), &7, false);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = Caller::<New>::of(new.product(), &7, false);
    waiter.asks().await;
    leader.end(Old { id: 7 });
    assert_eq!(
        waiter.verdict().await,
        Run,
        "`Option` fields make any older frame decode"
    );
    assert_eq!(new.cluster.stats().unshared, 1);
    assert_eq!(new.cluster.stats().elsewhere, 0);
    // And its key stays away.
    let mut next = Caller::<New>::of(new.product(), &7, false);
    assert_eq!(next.verdict().await, Run);
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert!(memory.is_empty());
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Key {
    id: u64,
    #[serde(skip)]
    tenant: u64,
}

#[tokio::test(start_paused = true)]
async fn a_key_that_loses_a_part_is_not_asked_for() {
    let (memory, one, other) = two().await;
    let call = |process: Process, tenant| {
        Caller::<u64>::of(process.product(), &Key { id: 7, tenant }, false)
    };
    let mut leader = call(one, 1);
    assert_eq!(leader.verdict().await, Run);
    let mut stranger = call(other, 2);
    assert_eq!(stranger.verdict().await, Run);
    settle().await;
    assert!(memory.is_empty());
    assert_eq!(other.cluster.stats().unshared, 1);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_one_functions_and_refused_to_a_second() {
    let (memory, one, _) = two().await;
    let _leader = one.leads(7).await;
    let mut second = Caller::<String>::of(one.product(), &7, false);
    assert_eq!(second.verdict().await, Run);
    second.end("no number".into());
    assert_eq!(one.cluster.stats().unshared, 1);
    settle().await;
    assert_eq!(memory.len(), 1, "the leader's lease alone");
}

#[tokio::test(start_paused = true)]
async fn a_member_with_a_secret_takes_values_of_its_own_kind_only() {
    let memory = Memory::simulated();
    let secret = memory.clone().secret("s");
    let (one, other) = (Process::at(&secret).await, Process::at(&secret).await);
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_fails_to_be_written_lets_the_others_run() {
    let (_memory, one, other) = two().await;
    let crossing = |process: Process| -> Crossing<'static, Fails> { process.product().by() };
    let mut leader = Caller::<Fails, Fails>::of(crossing(one), &7, false);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = Caller::<Fails, Fails>::of(crossing(other), &7, false);
    waiter.asks().await;
    leader.end(Fails);
    assert_eq!(waiter.verdict().await, Run);
}
