//! A hundred callers ask for one thing: one body runs.

use coalesced::coalesce;
use std::sync::atomic::{AtomicU64, Ordering};

static BODIES: AtomicU64 = AtomicU64::new(0);

#[coalesce]
async fn fetch_user(id: u64) -> String {
    BODIES.fetch_add(1, Ordering::Relaxed);
    tokio::task::yield_now().await;
    format!("user {id}")
}

#[coalesce]
async fn by_name(region: u32, name: &str, opt: Option<&str>) -> String {
    tokio::task::yield_now().await;
    format!("user {region} {name} {opt:?}")
}

#[tokio::main]
async fn main() {
    let callers: Vec<_> = (0..100).map(|_| tokio::spawn(fetch_user(42))).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "user 42");
    }
    by_name(1, "x", Some("y")).await;
    for g in coalesced::groups() {
        println!("{} {}", g.name(), g.stats());
    }
    println!("100 callers, {} body", BODIES.load(Ordering::Relaxed));
}
