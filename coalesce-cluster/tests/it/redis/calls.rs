//! Calls of members that meet in a Redis.

use std::time::{Duration, Instant};

use coalesce_cluster::seam::Verdict::{Given, Run};

use super::server::Server;
use crate::support::{Caller, Process};

/// Real time: a member's thread needs a while to ask.
async fn waits(server: &Server, caller: &mut Caller<u64>, waiters: usize) {
    caller.asks().await;
    let until = Instant::now() + Duration::from_secs(5);
    while server
        .keys()
        .iter()
        .filter(|key| key.contains(":w:"))
        .count()
        < waiters
    {
        assert!(Instant::now() < until, "{:?}", server.keys());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn identical_calls_of_two_members_share_one_body() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    let mut leader = one.call(7);
    assert_eq!(leader.verdict().await, Run);
    let mut waiter = other.call(7);
    waits(&server, &mut waiter, 1).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert_eq!(other.call(7).verdict().await, Run, "no later call gets it");
}

#[tokio::test]
async fn an_uncontended_call_is_two_scripts_and_leaves_no_key() {
    let server = Server::start();
    let process = Process::at(&server.place()).await;
    server.run("CONFIG RESETSTAT");
    for key in 0..10 {
        let mut leader = process.call(key);
        assert_eq!(leader.verdict().await, Run);
        leader.end(49);
    }
    // Queued behind, and answered: so the ends are there.
    process
        .product()
        .forget_everywhere::<u64, _>(&11)
        .await
        .unwrap();
    assert_eq!(server.commands()["evalsha"], 10 * 2 + 1);
    assert_eq!(server.keys(), Vec::<String>::new());
}
