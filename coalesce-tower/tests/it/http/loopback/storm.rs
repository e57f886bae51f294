//! A client that opens streams and resets them, in a loop, and those beside it.

use super::server::{EVER, layer};
use crate::support::connection::{Connection, VERSIONS, Version, serve};
use axum::{Router, http::header::CACHE_CONTROL, routing::get};
use coalesced::tower::http::HttpGroup;
use futures::{StreamExt, stream::FuturesUnordered};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::time::timeout;

/// How many answers 20 clients have in a while, of a handler that takes so long, while another one opens and resets 50
/// streams in a loop.
async fn answers_in_a_storm(takes: Duration, coalescing: bool, version: Version) -> usize {
    let handler = move || async move {
        tokio::time::sleep(takes).await;
        ([(CACHE_CONTROL, "public")], "hello")
    };
    let mut router = Router::new().route("/", get(handler));
    if coalescing {
        router = router.layer(layer().group(&HttpGroup::new()));
    }
    let address = serve(router).await;
    let over = Arc::new(AtomicBool::new(false));
    let attacker = tokio::spawn({
        let over = Arc::clone(&over);
        async move {
            while !over.load(SeqCst) {
                // The server closes a connection that does so for too long.
                let connection = Connection::open(address, Version::Two).await;
                for _ in 0..100 {
                    let streams: FuturesUnordered<_> =
                        (0..50).map(|_| connection.streaming("/")).collect();
                    let _ = timeout(Duration::from_millis(1), streams.count()).await;
                }
            }
        }
    });
    let answers = Arc::<AtomicUsize>::default();
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let (answers, over) = (Arc::clone(&answers), Arc::clone(&over));
            tokio::spawn(async move {
                let mut connection = Connection::open(address, version).await;
                while !over.load(SeqCst) {
                    let answer = timeout(EVER, connection.read("/")).await;
                    assert_eq!(answer.expect("nobody is given up").unwrap(), "hello");
                    answers.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    over.store(true, SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    attacker.await.unwrap();
    answers.load(SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_opens_and_resets_streams_in_a_loop_starves_nobody() {
    for (takes, version) in [20, 5]
        .into_iter()
        .flat_map(|takes| VERSIONS.map(|it| (takes, it)))
    {
        let takes = Duration::from_millis(takes);
        // By turns: what else the machine does is felt by both.
        let (mut without, mut with) = (0, 0);
        for _ in 0..3 {
            without += answers_in_a_storm(takes, false, version).await;
            with += answers_in_a_storm(takes, true, version).await;
        }
        println!("{version:?}, {takes:?}: {without} answers without the layer, {with} with it");
        // In a debug build the layer's own work is felt, and so are other tests; who is starved has next to nothing.
        let tenths = if cfg!(debug_assertions) { 3 } else { 9 };
        assert!(
            with * 10 >= without * tenths,
            "{version:?}, {takes:?}: {with} of {without}"
        );
    }
}
