//! With a cache: the cache answers what is known, and coalescing has one caller find out the rest.
//!
//! (moka's own `get_with` coalesces too; this is for when the function is called from many places,
//! for values that must not be cached at times, and for what `coalesced` promises beyond it.)

use coalesced::coalesce;
use moka::future::Cache;
use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{spawn, task::yield_now};

static QUERIES: AtomicU32 = AtomicU32::new(0);
static CACHE: LazyLock<Cache<u64, String>> = LazyLock::new(|| {
    Cache::builder()
        .time_to_live(Duration::from_secs(60))
        .build()
});

/// The cache first, so that a hit costs nothing more.
async fn user(id: u64) -> String {
    match CACHE.get(&id).await {
        Some(user) => user,
        None => fetch_user(id).await,
    }
}

/// The value is in the cache before the flight lands. So a caller that missed the cache, and comes
/// too late for the flight as well, finds it there at a second look.
#[coalesce]
async fn fetch_user(id: u64) -> String {
    if let Some(user) = CACHE.get(&id).await {
        return user;
    }
    QUERIES.fetch_add(1, Relaxed);
    yield_now().await;
    let user = format!("user {id}");
    CACHE.insert(id, user.clone()).await;
    user
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for _ in 0..3 {
        let callers: Vec<_> = (0..100).map(|_| spawn(user(42))).collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), "user 42");
        }
    }
    assert_eq!(
        QUERIES.load(Relaxed),
        1,
        "the herd was one query, and the cache answered the rest"
    );
    println!("cache: 300 callers, {} query", QUERIES.load(Relaxed));
}
