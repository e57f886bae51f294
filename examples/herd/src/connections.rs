//! The connections to the database, and how many of them the callers take.
//!
//! 1. A body waits for a connection. If it is dropped here, it never reached the database, and
//!    `unsent` counts it.
//! 2. With the connection in hand its statement is on the way at once: the connection is open and
//!    not tested first, and the statement is prepared. There is no `.await` to be dropped at.
//! 3. If it is dropped from here on, the database runs the statement to its end all the same. The
//!    connection is busy until then, and [`Connections::all`] waits for it.
//!
//! Invariant: statements that the database ran = bodies that started - `unsent`.

use std::{
    mem,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use sqlx::{
    Connection, Pool,
    pool::{PoolConnection, PoolOptions},
};
use tokio::time::sleep;

#[derive(Debug)]
pub(crate) struct Connections<DB: sqlx::Database> {
    pool: Pool<DB>,
    size: u32,
    peak: AtomicU32,
    unsent: AtomicU64,
}

/// What the callers did with the connections since they were last asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// The most connections that were in use at one time.
    pub(crate) peak: u32,
    /// Bodies that were dropped before they had a connection.
    pub(crate) unsent: u64,
}

impl<DB: sqlx::Database> Connections<DB> {
    pub(crate) fn new(size: u32, options: <DB::Connection as Connection>::Options) -> Self {
        let pool = PoolOptions::new()
            .max_connections(size)
            // Without the attribute callers may queue for minutes, and all shall be answered.
            .acquire_timeout(Duration::from_hours(1))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Self {
            pool,
            size,
            peak: AtomicU32::new(0),
            unsent: AtomicU64::new(0),
        }
    }

    /// A connection for a body.
    pub(crate) async fn one(&self) -> sqlx::Result<PoolConnection<DB>> {
        let unsent = Unsent(&self.unsent);
        let connection = self.pool.acquire().await;
        mem::forget(unsent);
        self.peak.fetch_max(self.in_use(), Relaxed);
        connection
    }

    /// Every connection: nothing runs in the database while they are held.
    pub(crate) async fn all(&self) -> sqlx::Result<Vec<PoolConnection<DB>>> {
        let mut all = Vec::new();
        for _ in 0..self.size {
            all.push(self.pool.acquire().await?);
        }
        Ok(all)
    }

    /// Lets go of them. A dropped connection returns in its own time; until then it is in use.
    pub(crate) async fn give_back(&self, all: Vec<PoolConnection<DB>>) {
        drop(all);
        while self.in_use() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) fn take_usage(&self) -> Usage {
        Usage {
            peak: self.peak.swap(0, Relaxed),
            unsent: self.unsent.swap(0, Relaxed),
        }
    }

    fn in_use(&self) -> u32 {
        // The pool counts a returned connection after it has offered it, so that for a moment
        // there can be one idle connection less than none.
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(0);
        self.pool.size().saturating_sub(idle)
    }
}

/// Counts the body that is dropped with it.
struct Unsent<'a>(&'a AtomicU64);

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}
