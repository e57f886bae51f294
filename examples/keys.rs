//! What makes two calls the same: every argument, all but some, or what you say.

use coalesced::coalesce;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tokio::{join, task::yield_now};

/// A connection pool: no part of a key, and not even hashable.
#[derive(Default)]
struct Database {
    queries: AtomicU32,
}

impl Database {
    async fn query(&self) {
        self.queries.fetch_add(1, Relaxed);
        yield_now().await;
    }

    /// The queries since the last look.
    fn queries(&self) -> u32 {
        self.queries.swap(0, Relaxed)
    }
}

/// Every argument but the database. Borrowed arguments are compared by what they borrow, and owned
/// only by the one caller that opens a flight.
#[coalesce(skip(db))]
async fn search(db: &Database, text: &str, tags: &[u32], page: Option<u32>) -> String {
    db.query().await;
    format!("{text} {tags:?} {page:?}")
}

/// One of the arguments.
#[coalesce(key = id)]
async fn fetch(db: &Database, id: u64, trace_id: &str) -> u64 {
    let _ = trace_id;
    db.query().await;
    id
}

/// Any expressions of them. A float is not `Eq`, but its bits are.
#[coalesce(key = (currency.to_lowercase(), amount.to_bits()))]
async fn convert(db: &Database, currency: &str, amount: f64) -> f64 {
    db.query().await;
    amount
        * if currency.eq_ignore_ascii_case("usd") {
            1.0
        } else {
            1.1
        }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let db = &Database::default();

    let other = "rust".to_owned();
    join!(
        search(db, "rust", &[1, 2], None),
        search(db, &other, &[1, 2], None)
    );
    assert_eq!(db.queries(), 1, "the same text, wherever it is");
    join!(
        search(db, "rust", &[1, 2], None),
        search(db, "rust", &[1, 2], Some(2))
    );
    assert_eq!(db.queries(), 2, "another page");

    join!(fetch(db, 7, "trace a"), fetch(db, 7, "trace b"));
    assert_eq!(db.queries(), 1, "the trace is not in the key");

    join!(
        convert(db, "USD", 0.1),
        convert(db, "usd", 0.1),
        convert(db, "usd", 0.2)
    );
    assert_eq!(
        db.queries(),
        2,
        "spelled the same in lower case; but another amount"
    );

    println!("keys: as it should be");
}
