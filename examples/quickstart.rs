//! A hundred callers ask for one user at the same moment: one query runs.

use coalesced::coalesce;
use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

static QUERIES: AtomicU32 = AtomicU32::new(0);

#[coalesce]
async fn fetch_user(id: u64) -> String {
    QUERIES.fetch_add(1, Relaxed);
    tokio::time::sleep(Duration::from_millis(100)).await; // a slow database
    format!("user {id}")
}

#[tokio::main]
async fn main() {
    let callers: Vec<_> = (0..100).map(|_| tokio::spawn(fetch_user(42))).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "user 42");
    }
    assert_eq!(QUERIES.load(Relaxed), 1);
    println!("100 callers, {} query", QUERIES.load(Relaxed));
}
