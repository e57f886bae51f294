//! What the service promises. Each test has a service, a database and a registry of its own, so they run in parallel.

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use axum_service::articles::Article;
use hyper::StatusCode;
use support::{CONNECTIONS, Service};
use tokio::{
    runtime::Builder,
    sync::Barrier,
    task::{JoinSet, spawn_blocking, yield_now},
};
use tokio_test::task;

const READERS: usize = 100;

fn article(title: &str) -> Article {
    Article {
        title: title.into(),
        text: String::new(),
    }
}

#[tokio::test]
async fn requests_at_the_same_time_are_one_query_and_later_ones_are_none() {
    let service = Service::start().await;
    let client = service.client;
    client.put(7, "Dawn").await;
    service.database.hold(1);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        readers.spawn(client.title(7));
    }
    service.calls.waiting(READERS - 1).await;
    service.database.let_go();
    assert_eq!(readers.join_all().await, ["Dawn"; READERS]);
    assert_eq!(service.database.queries(), 1);

    assert_eq!(client.title(7).await, "Dawn");
    assert_eq!(service.database.queries(), 1, "it is in the cache");
}

/// Who missed the cache, and comes when the flight has just landed, finds the value at a second look.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_article_is_one_query_however_its_readers_race() {
    const ARTICLES: i64 = 200;
    let service = Service::start().await;
    for id in 0..ARTICLES {
        service.articles.put(id, article("Dawn")).await.unwrap();
    }
    let barrier = Arc::new(Barrier::new(4));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (articles, barrier) = (service.articles.clone(), Arc::clone(&barrier));
        readers.spawn(async move {
            for id in 0..ARTICLES {
                barrier.wait().await;
                articles.get(id).await.unwrap();
            }
        });
    }
    readers.join_all().await;
    assert_eq!(service.database.queries(), 200);
}

/// A query that read the old title is on its way when the new one is written, and is answered at last: with somebody
/// who asked in between, or with nobody.
#[tokio::test]
async fn after_a_write_nobody_gets_what_was_there_before() {
    for asked_in_between in [false, true] {
        let service = Service::start().await;
        let client = service.client;
        client.put(7, "Dawn").await;
        service.database.hold(1);
        let before = tokio::spawn(client.title(7));
        service.database.holds(1).await;
        client.put(7, "Dusk").await;
        if asked_in_between {
            assert_eq!(client.title(7).await, "Dusk");
        }
        service.database.let_go();
        assert_eq!(before.await.unwrap(), "Dawn", "it was asked before");
        for _ in 0..2 {
            assert_eq!(client.title(7).await, "Dusk", "{asked_in_between}");
        }
        assert_eq!(service.database.queries(), 2, "the new one is in the cache");
    }
}

/// The same, on threads that race.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_after_a_write_gets_that_or_a_later_one() {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    const LAST: u64 = 500;
    let service = Service::start().await;
    service.articles.put(7, article("0")).await.unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let articles = service.articles.clone();
        readers.spawn(async move {
            loop {
                let written = WRITTEN.load(SeqCst);
                let read: u64 = articles.get(7).await.unwrap().title.parse().unwrap();
                assert!(read >= written, "{read} after {written}");
                if written == LAST {
                    return;
                }
                yield_now().await;
            }
        });
    }
    for edition in 1..=LAST {
        service
            .articles
            .put(7, article(&edition.to_string()))
            .await
            .unwrap();
        WRITTEN.store(edition, SeqCst);
    }
    readers.join_all().await;
}

#[tokio::test]
async fn a_write_ends_and_is_forgotten_also_when_its_client_goes_away() {
    let service = Service::start().await;
    service.client.put(7, "Dawn").await;
    assert_eq!(service.client.title(7).await, "Dawn");
    let articles = service.articles.clone();
    let writing = move || {
        // Of its own, so that its tasks are the write's.
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut put = task::spawn(articles.put(7, article("Dusk")));
            assert!(put.poll().is_pending());
            drop(put);
            while runtime.metrics().num_alive_tasks() > 0 {
                yield_now().await;
            }
        });
    };
    spawn_blocking(writing).await.unwrap();
    assert_eq!(service.client.title(7).await, "Dusk");
}

/// Queries that run, and one that waits for a connection; with the clients that asked, or without.
#[tokio::test]
async fn shutdown_waits_for_what_is_in_flight() {
    let running = CONNECTIONS as usize;
    for clients_stay in [true, false] {
        let service = Service::start().await;
        let client = service.client;
        for id in 0..=running as u64 {
            client.put(id, "Dawn").await;
        }
        service.database.hold(running);
        let mut requests = JoinSet::new();
        for id in 0..=running as u64 {
            requests.spawn(client.title(id));
        }
        service.database.holds(running).await;
        while service.calls.in_flight() <= running {
            yield_now().await;
        }
        if !clients_stay {
            requests.shutdown().await;
        }
        service.stop.send(()).unwrap();
        for _ in 0..1_000 {
            assert!(!service.serving.is_finished(), "queries are in flight");
            yield_now().await;
        }
        service.database.let_go();
        service.serving.await.unwrap().unwrap();
        let stats = service.calls.stats();
        assert_eq!((stats.led, stats.in_flight), (running as u64 + 1, 0));
        assert_eq!((stats.errors, stats.abandoned), (0, 0));
        for title in requests.join_all().await {
            assert_eq!(title, "Dawn");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_fails() {
    let service = Service::start().await;
    let (status, told) = service.client.get("/articles/7").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(told, "there is no such article");
    service.client.put(7, "Dawn").await;
    assert_eq!(service.client.title(7).await, "Dawn", "it is there now");

    service.articles.close().await;
    let (status, told) = service.client.get("/articles/8").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(told, "the database failed");
}
