//! Calls of members that meet in a Redis.

use std::time::{Duration, Instant};

use coalesce_cluster::{Cluster, Redis};
use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{scene::Scene, server::Server, until, waits};
use crate::support::Process;

#[tokio::test]
async fn identical_calls_of_two_members_share_one_body() {
    let mut scene = Scene::new().await;
    scene.leader.end(49);
    assert_eq!(scene.waiter.verdict().await, Given(49));
    assert_eq!(
        scene.other.call(7).verdict().await,
        Run,
        "no later call gets it"
    );
}

#[tokio::test]
async fn an_uncontended_call_is_two_scripts_and_leaves_no_key() {
    let server = Server::start();
    let process = Process::at(&server.place()).await;
    server.run("CONFIG RESETSTAT");
    for key in 0..10 {
        let mut leader = process.leads(key).await;
        leader.end(49);
    }
    // Queued behind, and answered: so the ends are there.
    process
        .product()
        .forget_everywhere::<u64, _>(&11)
        .await
        .unwrap();
    let commands = server.commands();
    assert_eq!(commands["evalsha"], 10 * 2 + 1, "{commands:?}");
    assert_eq!(server.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn those_who_wait_are_told_how_a_flight_ends_without_a_value() {
    let mut scene = Scene::new().await;
    let began = Instant::now();
    scene.leader.goes();
    assert_eq!(scene.waiter.verdict().await, Run, "abandoned");
    let mut again = scene.one.call(7);
    waits(&scene.server, &mut again, 1).await;
    scene.waiter.panics();
    assert_eq!(again.verdict().await, Run, "nothing to share");
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "not by asking again: {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn fresh_and_forget_displace_a_flight_in_all_members() {
    let mut scene = Scene::new().await;
    let mut fresh = scene.other.fresh(7);
    assert_eq!(fresh.verdict().await, Run);
    until(|| scene.leader.is_displaced() && scene.waiter.is_displaced()).await;
    let product = scene.other.product();
    product.forget_everywhere::<u64, _>(&7).await.unwrap();
    until(|| fresh.is_displaced()).await;
    let _newest = scene.one.leads(7).await;
    // It asks again, and stays.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    scene.leader.end(1);
    assert_eq!(
        scene.waiter.verdict().await,
        Given(1),
        "who was in the old flight gets its value"
    );
}

#[tokio::test]
async fn a_leader_that_is_cut_off_is_taken_over_after_its_lease() {
    // Its lease is shorter than the second after which it is renewed: as if the process were stopped.
    let cut_off = Cluster::new("shop").lease(Duration::from_millis(400));
    let mut scene = Scene::of([cut_off, Cluster::new("shop")]).await;
    let began = Instant::now();
    assert_eq!(scene.waiter.verdict().await, Run);
    assert!(
        began.elapsed() < Duration::from_millis(700),
        "{:?}",
        began.elapsed()
    );
    let mut newcomer = scene.other.call(7);
    newcomer.asks().await;
    // What the old leader sends reaches only who still waits for that very flight.
    scene.leader.end(1);
    // And it frees nobody's lease.
    let mut last = scene.one.call(7);
    waits(&scene.server, &mut last, 2).await;
    scene.waiter.end(2);
    assert_eq!(newcomer.verdict().await, Given(2));
    assert_eq!(last.verdict().await, Given(2));
}

#[tokio::test]
async fn a_body_that_runs_longer_than_its_lease_keeps_it() {
    let short = [(); 2].map(|()| Cluster::new("shop").lease(Duration::from_millis(1300)));
    let mut scene = Scene::of(short).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    scene.leader.end(49);
    assert_eq!(scene.waiter.verdict().await, Given(49));
}

#[tokio::test]
async fn resp3_a_secret_and_another_prefix_work_too() {
    let server = Server::start();
    let url = format!("redis://127.0.0.1:{}/3?protocol=resp3", server.port);
    let place = Redis::at(&url)
        .unwrap()
        .secret("s")
        .prefix("x:")
        .namespace("prod");
    let one = Process::at(&place).await;
    let other = Process::at(&place).await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.call(7);
    waiter.asks().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

#[tokio::test]
async fn close_gives_the_leases_back() {
    let mut scene = Scene::new().await;
    let began = Instant::now();
    scene.one.cluster.close().await;
    assert_eq!(scene.waiter.verdict().await, Run);
    assert!(
        began.elapsed() < Duration::from_millis(250),
        "{:?}",
        began.elapsed()
    );
}

/// Each second every leader renews its lease, and whoever waits asks again: who can't runs its own body. A busy machine
/// did not get through that for a thousand.
#[tokio::test]
async fn a_hundred_who_wait_need_no_connection_of_their_own() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    let mut leaders = Vec::new();
    for key in 0..100 {
        let leader = one.leads(key).await;
        leaders.push(leader);
    }
    let mut waiters: Vec<_> = (0..100).map(|key| other.call(key)).collect();
    for waiter in &mut waiters {
        assert!(waiter.poll(std::task::Waker::noop()).is_pending());
    }
    until(|| server.keys().len() == 200).await;
    let clients = server.text("CLIENT LIST").lines().count();
    assert!(clients <= 2 * 2 + 1, "{clients} connections");
    for (key, leader) in leaders.iter_mut().enumerate() {
        leader.end(key as u64);
    }
    for (key, waiter) in waiters.iter_mut().enumerate() {
        assert_eq!(waiter.verdict().await, Given(key as u64));
    }
}

#[test]
fn many_threads_on_three_keys_are_all_answered() {
    let server = Server::start();
    crate::threads::storm(&server.place());
    let limit = Instant::now() + Duration::from_secs(8);
    while !server.keys().is_empty() {
        assert!(Instant::now() < limit, "{:?}", server.keys());
        std::thread::sleep(Duration::from_millis(50));
    }
}
