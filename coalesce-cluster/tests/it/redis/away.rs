//! The engine is away, slow, restarted empty, full, read-only: no call fails, and none waits long.

use std::{
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use coalesce_cluster::Cluster;
use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{is_away, is_connected, says, scene::Scene, server::Server, until, waits};
use crate::support::{Caller, Process};

/// The call runs here, and was not kept longer than an operation may be.
async fn runs_here(caller: &mut Caller<u64>, limit: Duration) {
    let began = Instant::now();
    assert_eq!(caller.verdict().await, Run);
    assert!(began.elapsed() < limit, "{:?}", began.elapsed());
}

/// The call runs here, and waits for nothing.
fn runs_at_once(mut caller: Caller<u64>) {
    assert_eq!(caller.poll(Waker::noop()), Poll::Ready(Run));
}

const OPERATION: Duration = Duration::from_millis(400);
const FOLLOWED: Duration = Duration::from_millis(1700);

#[tokio::test]
async fn a_server_that_is_not_there_is_no_error_and_found_when_it_is() {
    let mut server = Server::start();
    server.kill();
    let process = Process::started(Cluster::new("shop"), &server.place());
    is_away(process).await;
    runs_at_once(process.call(7));
    assert_eq!(process.cluster.stats().local, 1);
    server.restart();
    assert!(process.cluster.connected(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn when_the_server_is_killed_those_who_wait_run_and_later_calls_wait_for_nothing() {
    let mut scene = Scene::new().await;
    scene.server.kill();
    runs_here(&mut scene.waiter, FOLLOWED).await;
    is_away(scene.other).await;
    runs_at_once(scene.other.call(8));
    scene.leader.end(49);
    scene.server.restart();
    is_connected(scene.one).await;
    is_connected(scene.other).await;
    let mut leader = scene.one.leads(7).await;
    let mut waiter = scene.other.call(7);
    waits(&scene.server, &mut waiter, 1).await;
    leader.end(50);
    assert_eq!(waiter.verdict().await, Given(50), "shared again");
}

#[tokio::test]
async fn a_server_that_hangs_keeps_nobody_waiting_longer_than_its_limit() {
    let mut scene = Scene::new().await;
    scene.server.signal("-STOP");
    let mut asker = scene.other.call(8);
    runs_here(&mut asker, OPERATION).await;
    runs_here(&mut scene.waiter, FOLLOWED).await;
    is_away(scene.other).await;
    runs_at_once(scene.other.call(9));
    scene.server.signal("-CONT");
    is_connected(scene.other).await;
    // What was executed after its limit was ended behind it.
    scene.leader.goes();
    until(|| scene.server.keys().iter().all(|key| key.contains(":x:"))).await;
}

#[tokio::test]
async fn a_server_that_forgets_everything_lets_each_caller_go_on() {
    let mut scene = Scene::new().await;
    scene.server.run("FLUSHALL");
    scene.leader.end(49);
    runs_here(&mut scene.waiter, Duration::from_millis(3500)).await;
}

/// As a server does that is full.
fn evict(server: &Server, is_evicted: impl Fn(&str) -> bool) {
    let keys = server.keys();
    let evicted = keys.iter().filter(|key| is_evicted(key));
    assert_eq!(
        evicted.map(|key| server.count("DEL", key)).sum::<u64>(),
        1,
        "{keys:?}"
    );
}

#[tokio::test]
async fn a_lease_that_is_evicted_is_given_twice_and_who_waits_keeps_waiting() {
    let mut scene = Scene::new().await;
    evict(&scene.server, |key| key.ends_with('}'));
    let mut second = Process::at(&scene.server.place()).await.leads(7).await;
    // Its lease was not renewed: no newcomer of its process joins it.
    until(|| scene.leader.is_displaced()).await;
    scene.leader.end(49);
    assert_eq!(scene.waiter.verdict().await, Given(49));
    second.end(50);
}

#[tokio::test]
async fn who_waits_and_is_evicted_asks_again() {
    let mut scene = Scene::new().await;
    evict(&scene.server, |key| key.contains(":w:"));
    scene.leader.end(49);
    runs_here(&mut scene.waiter, Duration::from_millis(3500)).await;
}

#[tokio::test]
async fn a_connection_that_is_killed_is_made_anew_and_nobody_notices() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    // A connection that was only just made is not made anew at once.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.call(7);
    waits(&server, &mut waiter, 1).await;
    let connections = || {
        server.text("INFO stats").lines().find_map(|line| {
            line.strip_prefix("total_connections_received:")?
                .parse::<u64>()
                .ok()
        })
    };
    let before = connections().unwrap();
    server.run("CLIENT KILL TYPE normal SKIPME yes");
    server.run("CLIENT KILL TYPE pubsub SKIPME yes");
    // Two members, two connections each, and who looks.
    let mut looks = 0;
    until(|| {
        looks += 1;
        connections().unwrap() >= before + 2 + looks + 4
    })
    .await;
    // It has asked again, and does not do so for another three quarters of a second.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "its inbox is subscribed to again: {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_server_that_is_full_or_read_only_is_away() {
    let server = Server::start();
    let process = Process::at(&server.place()).await;
    server.run("CONFIG SET maxmemory 1");
    let mut call = process.call(7);
    runs_here(&mut call, OPERATION).await;
    says(process, "OOM").await;
    server.run("CONFIG SET maxmemory 0");
    is_connected(process).await;
    server.run("REPLICAOF 127.0.0.1 1");
    runs_here(&mut process.call(7), OPERATION).await;
    says(process, "read only").await;
    server.run("REPLICAOF NO ONE");
    is_connected(process).await;
}

#[tokio::test]
async fn a_slow_script_of_somebody_else_is_waited_for_no_longer_than_the_limit() {
    let server = Server::start();
    let process = Process::at(&server.place()).await;
    server.run("CLIENT PAUSE 600 ALL");
    runs_here(&mut process.call(7), OPERATION).await;
    runs_here(&mut process.call(8), OPERATION).await;
    is_connected(process).await;
}
