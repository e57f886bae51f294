//! Large values don't stop the server, and don't hold up anybody.

use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{server::Server, until};
use crate::support::{Caller, Process};

/// Who can't have a value within a second and a half runs its own body: not so many that this process keeps them from it.
const MEMBERS: u64 = 5;

fn call(process: Process) -> Caller<String> {
    Caller::of(process.product(), &7, false)
}

/// Who leads in the one, and who waits for it in the other.
async fn meet(server: &Server, one: Process, other: Process) -> (Caller<String>, Caller<String>) {
    let mut leader = call(one);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = call(other);
    waiter.asks().await;
    until(|| server.keys().iter().any(|key| key.contains(":w:"))).await;
    (leader, waiter)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mebibyte_is_fetched_by_each_member_and_not_published() {
    let server = Server::start();
    let leading = Process::at(&server.place()).await;
    let mut leader = call(leading);
    assert_eq!(leader.verdict().await, Run);
    let mut waiters = Vec::new();
    for _ in 0..MEMBERS {
        let mut waiter = call(Process::at(&server.place()).await);
        waiter.asks().await;
        waiters.push(waiter);
    }
    until(|| {
        server
            .keys()
            .iter()
            .any(|key| key.contains(":w:") && server.count("SCARD", key) == MEMBERS)
    })
    .await;
    server.run("CONFIG RESETSTAT");
    let value = "x".repeat((1 << 20) - 10);
    leader.end(value.clone());
    for mut waiter in waiters {
        assert_eq!(waiter.verdict().await, Given(value.clone()));
    }
    let commands = server.commands();
    assert!(
        commands["get"] >= MEMBERS,
        "each fetches it, none is sent it: {commands:?}"
    );
    assert!(commands["publish"] >= MEMBERS, "each is told");
}

#[tokio::test]
async fn what_is_too_large_stays_with_its_caller_and_its_key_away() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    let (mut leader, mut waiter) = meet(&server, one, other).await;
    leader.end("x".repeat(1 << 20));
    assert_eq!(waiter.verdict().await, Run);
    server.run("CONFIG RESETSTAT");
    assert_eq!(call(one).verdict().await, Run);
    assert_eq!(
        server.commands().get("evalsha"),
        None,
        "the engine is not asked"
    );
    assert_eq!(one.cluster.stats().unshared, 2);
}

#[tokio::test]
async fn close_waits_until_a_large_value_is_there() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    let (mut leader, mut waiter) = meet(&server, one, other).await;
    let value = "x".repeat(200_000);
    leader.end(value.clone());
    one.cluster.close().await;
    assert!(
        server.keys().iter().any(|key| key.contains(":r:")),
        "{:?}",
        server.keys()
    );
    assert_eq!(waiter.verdict().await, Given(value));
}
