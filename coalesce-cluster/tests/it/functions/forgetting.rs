//! What one process forgets, all forget.

use std::sync::Arc;

use coalesce_cluster::{Away, Cluster, Functions};
use coalesced::{Registry, coalesce, forget, is_forgotten};
use tokio::{sync::Notify, task::JoinSet};

use super::{Database, Shop, shops};
use crate::support::{settle, two};

/// After a write the next call runs anew, in all processes.
#[tokio::test(start_paused = true)]
async fn what_is_forgotten_in_one_process_is_forgotten_in_all() {
    let (database, one, other) = shops().await;
    let mut calls = JoinSet::new();
    for shop in [&one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.price("tea", None).await });
        settle().await;
    }
    assert!(forget(other.price("tea", None)).await);
    settle().await;
    for shop in [&one, &other] {
        let shop = shop.clone();
        calls.spawn(async move { shop.price("tea", None).await });
        settle().await;
    }
    assert_eq!(database.queries(), 2);
    database.answers.notify_waiters();
    let mut numbers = calls.join_all().await;
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_forgotten_everywhere_by_its_name() {
    #[coalesce(cluster = member, name = "stock", key = id)]
    async fn stock(member: &'static Cluster, database: &Database, id: u64) -> usize {
        let _ = member;
        database.query().await
    }

    let (_, one, other) = two().await;
    let database = &Database::default();
    let begin = async || {
        let mut calls = [one, other].map(|it| Box::pin(stock(it.cluster, database, 7)));
        for call in &mut calls {
            for _ in 0..2 {
                assert!(futures::poll!(&mut *call).is_pending());
                settle().await;
            }
        }
        calls
    };
    let before = begin().await;
    let stock = other.cluster.across("stock");
    stock.forget_everywhere::<usize, _>(&7_u64).await.unwrap();
    let after = begin().await;
    assert_eq!(database.queries(), 2);
    database.answers.notify_waiters();
    assert_eq!(futures::future::join_all(before).await, [1, 1]);
    assert_eq!(futures::future::join_all(after).await, [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_function_is_forgotten_everywhere_and_its_body_does_not_run() {
    let (_memory, one, other) = two().await;
    let database = Arc::default();
    let (first, second) = (Shop::of(one, &database), Shop::of(other, &database));
    let mut old = tokio_test::task::spawn(first.price("tea", None));
    assert!(old.poll().is_pending());
    settle().await;
    assert!(old.poll().is_pending());
    let forgotten = other.cluster.forget_everywhere(second.price("tea", None));
    assert_eq!(forgotten.await, Ok(false), "it was in flight in the other");
    settle().await;
    let mut new = tokio_test::task::spawn(first.price("tea", None));
    assert!(new.poll().is_pending());
    settle().await;
    assert!(new.poll().is_pending());
    assert_eq!(database.queries(), 2, "who calls after it runs anew");
    other.cluster.close().await;
    let forgotten = other.cluster.forget_everywhere(second.price("tea", None));
    assert_eq!(forgotten.await, Err(Away));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_told_that_another_server_forgot_its_key() {
    struct Shelf(Notify, Registry<Functions<'static>>);

    impl Shelf {
        #[coalesce(registry = self.1, name = "label")]
        async fn label(&self, id: u64) -> (u64, bool) {
            self.0.notified().await;
            (id, is_forgotten())
        }
    }

    let (_memory, one, other) = two().await;
    let [first, second] = [one, other].map(|process| {
        let calls = Registry::new().across(process.cluster.functions());
        Shelf(Notify::new(), calls)
    });
    for forgotten in [false, true] {
        let mut body = tokio_test::task::spawn(first.label(7));
        assert!(body.poll().is_pending());
        settle().await;
        assert!(body.poll().is_pending());
        if forgotten {
            forget(second.label(7)).await;
            settle().await;
        }
        first.0.notify_one();
        assert_eq!(body.await, (7, forgotten));
    }
}
