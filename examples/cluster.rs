//! Two servers of one shop, which meet in memory here: a hundred callers of each, one query in all.
//!
//! `cargo run --features cluster --example cluster`

use coalesced::{
    Stats,
    cluster::{Cluster, Memory},
    coalesce,
};
use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};

static QUERIES: AtomicU64 = AtomicU64::new(0);

// Servers are processes; each would have one of these, under one name.
static ONE: Cluster = Cluster::new("shop");
static OTHER: Cluster = Cluster::new("shop");

#[coalesce(cluster = server, name = "price", key = id)]
async fn price(server: &'static Cluster, id: u64) -> u64 {
    let _ = server;
    QUERIES.fetch_add(1, Relaxed);
    sleep(Duration::from_millis(50)).await;
    100 * id
}

// On one thread all have called before the query is answered, however busy the machine is.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let memory = Memory::new(); // `Redis::at("redis://..")?` for real servers
    for server in [&ONE, &OTHER] {
        server.connect(memory.clone())?;
        assert!(server.connected(Duration::from_secs(1)).await);
    }
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        calls.spawn(price(&ONE, 7));
        calls.spawn(price(&OTHER, 7));
    }
    assert_eq!(calls.join_all().await, [700; 200]);
    let of = |server: &Cluster| -> Stats { server.calls().stats() };
    println!("200 calls of two servers, {} query", QUERIES.load(Relaxed));
    println!("one:   {}", of(&ONE));
    println!("other: {}", of(&OTHER));
    assert_eq!(QUERIES.load(Relaxed), 1);
    ONE.close().await;
    OTHER.close().await;
    Ok(())
}
