//! An `Err` is shared like any value, so it must be `Clone`: an `Arc` makes any error so.

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

/// With `map_err(Arc::new)?` where the error is made, and the type says so.
#[coalesce]
async fn read(path: &str) -> Result<String, Arc<io::Error>> {
    ATTEMPTS.fetch_add(1, Relaxed);
    yield_now().await;
    let text = std::fs::read_to_string(path).map_err(Arc::new)?;
    Ok(text)
}

/// Or an error of your own, which is `Clone`.
#[derive(Debug, Clone, PartialEq)]
enum Error {
    NotFound(u64),
    Upstream(Arc<str>),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Upstream(error.to_string().into())
    }
}

#[coalesce]
async fn user(id: u64) -> Result<String, Error> {
    ATTEMPTS.fetch_add(1, Relaxed);
    yield_now().await;
    match id {
        0 => Err(Error::NotFound(id)),
        _ => Ok(std::fs::read_to_string("/nowhere/users")?),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (first, second) = join!(read("/nowhere"), read("/nowhere"));
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert_eq!(first.kind(), io::ErrorKind::NotFound);
    assert!(Arc::ptr_eq(&first, &second), "one failure, told to both");
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);

    let (a, b, c) = join!(user(0), user(0), user(1));
    assert_eq!(
        (&a, &b),
        (&Err(Error::NotFound(0)), &Err(Error::NotFound(0)))
    );
    assert!(matches!(c, Err(Error::Upstream(_))));
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 2);

    // The failure is not kept: the next call tries again.
    assert!(user(0).await.is_err());
    assert_eq!(ATTEMPTS.swap(0, Relaxed), 1);
    println!("errors: told to everyone who waited, and tried again afterwards");
}
