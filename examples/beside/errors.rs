//! Errors: shared by a trait, as anyhow's, in an `Arc`, copied by a function; or not shared, and what that costs.

use coalesced::{CloneError, SharedError, coalesce};
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

/// The error of a crate: one variant holds another's.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("there is nothing in it")]
    Empty,
    #[error("upstream: {0}")]
    Upstream(#[from] io::Error),
}

/// Once, for all functions.
impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::Empty => Self::Empty,
            Self::Upstream(error) => Self::Upstream(error.clone_error()),
        }
    }
}

#[coalesce]
async fn by_the_trait(path: &str) -> Result<String, Error> {
    let text = upstream(path).await?;
    if text.is_empty() {
        return Err(Error::Empty);
    }
    Ok(text)
}

/// As it is: each caller's error holds the one that there is.
#[coalesce]
async fn with_anyhow(path: &str) -> anyhow::Result<String> {
    Ok(upstream(path).await?)
}

/// Finds it where it was shared, and where it was not.
fn is_missing(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::NotFound)
}

/// An `Arc` makes any error `Clone`, and `?` makes the `Arc`.
#[coalesce]
async fn in_an_arc(path: &str) -> Result<String, Arc<io::Error>> {
    Ok(upstream(path).await?)
}

/// Copied as this function says; the caller whose body failed has the original.
#[coalesce(clone_err = |error: &io::Error| io::Error::other(format!("of another call: {error}")))]
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
    let (first, second) = join!(by_the_trait("/nowhere"), by_the_trait("/nowhere"));
    assert!(matches!(first, Err(Error::Upstream(_))));
    assert!(matches!(second, Err(Error::Upstream(_))));
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1, "one failure, told to both");

    let (first, second) = join!(with_anyhow("/nowhere"), with_anyhow("/nowhere"));
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert!(first.is::<SharedError>() && is_missing(&first) && is_missing(&second));
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    // A failure is not kept: the next call tries again. It is alone, and has the error itself.
    let error = with_anyhow("/nowhere").await.unwrap_err();
    assert!(error.is::<io::Error>() && is_missing(&error));
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let (first, second) = join!(in_an_arc("/nowhere"), in_an_arc("/nowhere"));
    assert!(Arc::ptr_eq(&first.unwrap_err(), &second.unwrap_err()));
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let (first, second) = join!(copied("/nowhere"), copied("/nowhere"));
    assert_eq!(first.unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(
        second
            .unwrap_err()
            .to_string()
            .starts_with("of another call: ")
    );
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let shared = herd(|| async { by_the_trait("/nowhere").await.is_err() }).await;
    let not_shared = herd(|| async { own("/nowhere").await.is_err() }).await;
    assert_eq!((shared, not_shared), (1, CALLERS));
    println!(
        "the backend is down, and {CALLERS} callers ask: {shared} body with errors shared, {not_shared} bodies \
         with share = ok"
    );
}

const CALLERS: u32 = 1000;

/// How often so many callers had the backend asked, each of whom was told that it failed.
async fn herd<F: Future<Output = bool> + Send + 'static>(call: impl Fn() -> F) -> u32 {
    let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call())).collect();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    ATTEMPTS.swap(0, Relaxed)
}
