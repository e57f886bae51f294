//! With a cache: the cache answers what is known, and coalescing has one caller find out the rest.
//!
//! A write in between leaves no old value in the cache: the writer forgets the flight and then takes the value out,
//! the body fills the cache and then looks whether it was forgotten.
//!
//! (moka's own `get_with` coalesces too; this is for when the function is called from many places,
//! for values that must not be cached at times, and for what `coalesced` promises beyond it.)

use coalesced::{coalesce, forget, is_forgotten};
use moka::future::Cache;
use std::{
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{spawn, sync::Semaphore, task::yield_now};

static QUERIES: AtomicU32 = AtomicU32::new(0);
static DATABASE: Mutex<&str> = Mutex::new("Ann");
/// How many answers the database may send.
static ANSWERS: Semaphore = Semaphore::const_new(1);
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
/// too late for the flight as well, finds it there at a second look. Detached, it is not dropped between its last two
/// steps, when its callers are gone.
#[coalesce(detach)]
async fn fetch_user(id: u64) -> String {
    if let Some(user) = CACHE.get(&id).await {
        return user;
    }
    QUERIES.fetch_add(1, Relaxed);
    let user = format!("{} ({id})", DATABASE.lock().unwrap());
    ANSWERS.acquire().await.unwrap().forget(); // the answer takes its time
    CACHE.insert(id, user.clone()).await;
    // Filled, and only then looked: whoever forgets the flight later takes out what was filled.
    if is_forgotten() {
        CACHE.invalidate(&id).await;
    }
    user
}

/// Forgotten, and only then taken out.
async fn rename(id: u64, name: &'static str) {
    *DATABASE.lock().unwrap() = name; // and commit
    forget(fetch_user(id)).await;
    CACHE.invalidate(&id).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for _ in 0..3 {
        let callers: Vec<_> = (0..100).map(|_| spawn(user(42))).collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), "Ann (42)");
        }
    }
    assert_eq!(
        QUERIES.load(Relaxed),
        1,
        "the herd was one query, and the cache answered the rest"
    );
    println!("cache: 300 callers, {} query", QUERIES.load(Relaxed));

    // A write while the old value is on its way.
    CACHE.invalidate(&42).await;
    let old = spawn(user(42));
    while QUERIES.load(Relaxed) < 2 {
        yield_now().await;
    }
    rename(42, "Ann Lee").await;
    let new = spawn(user(42));
    ANSWERS.add_permits(2);
    assert_eq!(old.await.unwrap(), "Ann (42)", "it began before the write");
    assert_eq!(new.await.unwrap(), "Ann Lee (42)");
    ANSWERS.add_permits(1);
    let later = user(42).await;
    assert_eq!(later, "Ann Lee (42)", "the old value is not in the cache");
    println!("cache: after the write {later}");
}
