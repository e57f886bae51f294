//! Errors: shared like any value, copied by a function of yours, or not shared.

use coalesced::coalesce;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};
use tokio::{join, task::yield_now};

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

/// What every function here asks: it takes a moment, and fails.
async fn upstream(path: &str) -> io::Result<String> {
    ATTEMPTS.fetch_add(1, Relaxed);
    yield_now().await;
    std::fs::read_to_string(path)
}

/// An `Arc` makes any error `Clone`, and `?` makes the `Arc`.
#[coalesce]
async fn shared(path: &str) -> Result<String, Arc<io::Error>> {
    Ok(upstream(path).await?)
}

/// Copied as far as it can be; the last caller gets the original.
#[coalesce(clone_err = |error: &io::Error| io::Error::new(error.kind(), error.to_string()))]
async fn copied(path: &str) -> io::Result<String> {
    upstream(path).await
}

/// Not shared: each caller has an error of its own, from a body of its own.
#[coalesce(share = ok)]
async fn own(path: &str) -> io::Result<String> {
    upstream(path).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (first, second) = join!(shared("/nowhere"), shared("/nowhere"));
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert!(Arc::ptr_eq(&first, &second), "one failure, told to both");
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let (first, second) = join!(copied("/nowhere"), copied("/nowhere"));
    assert_eq!(first.unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(second.unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let (first, second) = join!(own("/nowhere"), own("/nowhere"));
    assert!(first.is_err() && second.is_err());
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 2, "the second one tried, too");

    // A failure is not kept: the next call tries again.
    assert!(shared("/nowhere").await.is_err());
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);
    println!("errors: 2 callers each; 1 attempt shared, 1 copied, 2 where errors are not shared");
}
