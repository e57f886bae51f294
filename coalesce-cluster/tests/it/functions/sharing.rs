//! Callers of all processes share one body, or are told that they do not.

use std::time::Duration;

use coalesce_cluster::Cluster;
use coalesced::{Group, coalesce};
use tokio::task::JoinSet;

use super::{Database, Down, shops};
use crate::support::{Process, settle, two};

#[tokio::test(start_paused = true)]
async fn callers_of_all_processes_share_one_body() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &other] {
        for _ in 0..3 {
            let shop = shop.clone();
            calls.spawn(async move { shop.price("tea", Some(1)).await });
        }
        settle().await;
    }
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    assert_eq!(calls.join_all().await, [1; 6]);
    let stats = other.calls.stats();
    assert_eq!((stats.elsewhere, stats.bodies()), (1, 0), "{stats}");
    let mut call = tokio_test::task::spawn(other.price("tea", Some(2)));
    assert!(call.poll().is_pending());
    settle().await;
    assert!(call.poll().is_pending());
    assert_eq!(database.queries(), 2, "another key");
}

#[tokio::test(start_paused = true)]
async fn an_error_that_does_not_cross_lets_each_process_run_its_own() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.order(0).await });
        settle().await;
    }
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    settle().await;
    assert_eq!(database.queries(), 2, "once it is told");
    database.answers.notify_waiters();
    let mut failed = calls.join_all().await;
    failed.sort_by_key(|error| error.as_ref().map_err(|down| down.0).err());
    assert_eq!(failed, [Err(Down(1)), Err(Down(1)), Err(Down(2))]);
}

/// The other process's caller leaves, and its follower goes on waiting, for the same body.
#[tokio::test(start_paused = true)]
async fn a_follower_takes_over_the_waiting() {
    let (database, one, other) = shops().await;
    let leads = tokio::spawn({
        let one = one.clone();
        async move { one.price("tea", None).await }
    });
    settle().await;
    let mut waits = tokio_test::task::spawn(other.price("tea", None));
    let mut follows = tokio_test::task::spawn(other.price("tea", None));
    assert!(waits.poll().is_pending());
    assert!(follows.poll().is_pending());
    settle().await;
    drop(waits);
    assert!(follows.poll().is_pending());
    settle().await;
    assert_eq!(database.queries(), 1);
    database.answers.notify_waiters();
    assert_eq!(leads.await.unwrap(), 1);
    settle().await;
    assert_eq!(tokio_test::assert_ready!(follows.poll()), 1);
    assert_eq!(other.calls.stats().bodies(), 0, "{}", other.calls.stats());
}

/// Which values cross is seen by the compiler: a whole `Result`, or its `Ok`.
#[tokio::test(start_paused = true)]
async fn functions_name_a_cluster() {
    #[coalesce(cluster = member, name = "stock", key = id)]
    async fn stock(
        member: &'static Cluster,
        database: &Database,
        id: u64,
    ) -> Result<usize, String> {
        let _ = member;
        match database.query().await {
            number if id == 0 => Err(format!("query {number} failed")),
            number => Ok(number),
        }
    }

    #[coalesce(cluster = member, name = "taken", key = id)]
    async fn taken(member: &'static Cluster, database: &Database, id: u64) -> Result<usize, Down> {
        let _ = member;
        match database.query().await {
            number if id == 0 => Err(Down(number)),
            number => Ok(number),
        }
    }

    let (_, one, other) = two().await;
    let database = &Database::default();
    let overlapping = async |id| {
        let mut calls = [one, other].map(|it| Box::pin(stock(it.cluster, database, id)));
        let mut own = [one, other].map(|it| Box::pin(taken(it.cluster, database, id)));
        for (call, own) in calls.iter_mut().zip(&mut own) {
            for _ in 0..3 {
                assert!(futures::poll!(&mut *call).is_pending());
                assert!(futures::poll!(&mut *own).is_pending());
                settle().await;
            }
        }
        database.answers.notify_waiters();
        let [one, other] = calls;
        let [own, others] = own;
        let answers = tokio::join!(one, other, own);
        settle().await;
        let mut others = others;
        let first = futures::poll!(&mut others);
        settle().await;
        database.answers.notify_waiters();
        let others = match first {
            std::task::Poll::Ready(others) => others,
            std::task::Poll::Pending => others.await,
        };
        (answers, others)
    };
    let (answers, others) = overlapping(7).await;
    assert_eq!(answers, (Ok(1), Ok(1), Ok(2)));
    assert_eq!(others, Ok(2));
    let failed = Err("query 3 failed".to_owned());
    let (answers, others) = overlapping(0).await;
    assert_eq!(answers, (failed.clone(), failed, Err(Down(4))));
    assert_eq!(others, Err(Down(5)), "its own: this error does not cross");
    assert_eq!(other.cluster.calls().stats().elsewhere, 3);
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_across() {
    let (_, one, other) = two().await;
    let groups = [one, other].map(|process| {
        let group = Group::<(u64, String), u64>::new().named("stock");
        group.across(process.cluster.across("stock"))
    });
    let [one, other] = &groups;
    let key = (7, "tea");
    let mut leads = tokio_test::task::spawn(one.call(key, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        49
    }));
    assert!(leads.poll().is_pending());
    settle().await;
    assert!(leads.poll().is_pending());
    let waits = other.call(key, std::future::pending());
    let (value, given) = tokio::join!(leads, waits);
    assert_eq!((value, given), (49, 49));
    assert_eq!(other.stats().elsewhere, 1);
}

/// Of those who run out of patience together one runs, and the others wait for it.
#[tokio::test(start_paused = true)]
async fn max_wait_is_for_flights_elsewhere_as_well() {
    #[coalesce(cluster = member, name = "slow", key = id, max_wait = "100ms")]
    async fn slow(member: &'static Cluster, database: &Database, id: u64) -> usize {
        let _ = (member, id);
        database.query().await
    }

    let (memory, one, other) = two().await;
    let third = Process::at(&memory).await;
    let database = Database::default();
    let call = |process: Process| tokio_test::task::spawn(slow(process.cluster, &database, 7));
    let (mut stuck, mut second, mut last) = (call(one), call(other), call(third));
    for _ in 0..2 {
        assert!(stuck.poll().is_pending());
        settle().await;
    }
    assert!(second.poll().is_pending());
    settle().await;
    tokio::time::advance(Duration::from_millis(10)).await;
    assert!(last.poll().is_pending());
    settle().await;
    assert_eq!(database.queries(), 1);
    tokio::time::advance(Duration::from_millis(95)).await;
    for _ in 0..2 {
        assert!(second.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2, "it has waited for 100 ms");
    tokio::time::advance(Duration::from_millis(10)).await;
    for _ in 0..2 {
        assert!(last.poll().is_pending());
        settle().await;
    }
    assert_eq!(database.queries(), 2, "there is a newer one to wait for");
    database.answers.notify_waiters();
    assert_eq!((stuck.await, second.await, last.await), (1, 2, 2));
}
