//! A database of the test's own. SQLite itself reports the queries that it runs, and the rows that it finds, and is held
//! up there when it is told to: what is held has been read, and is not answered yet.

use std::{
    ffi::{CStr, c_char, c_int, c_uint, c_void},
    ptr,
    sync::{Condvar, Mutex, MutexGuard},
};

use libsqlite3_sys::{SQLITE_TRACE_ROW, SQLITE_TRACE_STMT, sqlite3_trace_v2};
use sqlx::sqlite::{
    LockedSqliteHandle, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use tempfile::TempDir;
use tokio::sync::watch;

pub(crate) const CONNECTIONS: u32 = 4;

#[derive(Debug, Default)]
struct Rows {
    queries: u64,
    /// So many are to be held, of those that are found next.
    to_hold: usize,
}

#[derive(Debug)]
pub(crate) struct Database {
    rows: Mutex<Rows>,
    let_go: Condvar,
    held: watch::Sender<usize>,
}

impl Database {
    /// For as long as the directory is there; the process keeps what counts.
    pub(crate) async fn open() -> (&'static Self, SqlitePool, TempDir) {
        let database: &'static Self = Box::leak(Box::new(Self {
            rows: Mutex::default(),
            let_go: Condvar::new(),
            held: watch::Sender::new(0),
        }));
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("articles.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.after_connect(|connection, _| {
            Box::pin(async {
                database.watch(&mut connection.lock_handle().await?);
                Ok(())
            })
        });
        let pool = pool.connect_with(options).await.unwrap();
        let schema = sqlx::raw_sql(include_str!("../../src/schema.sql"));
        schema.execute(&pool).await.unwrap();
        (database, pool, directory)
    }

    /// The `SELECT`s that began.
    pub(crate) fn queries(&self) -> u64 {
        self.rows().queries
    }

    /// So many rows that are found next are held.
    pub(crate) fn hold(&self, rows: usize) {
        self.rows().to_hold = rows;
    }

    /// Waits until so many are.
    pub(crate) async fn holds(&self, rows: usize) {
        let mut held = self.held.subscribe();
        held.wait_for(|&held| held == rows).await.unwrap();
    }

    /// What is held may go, and what was to be held.
    pub(crate) fn let_go(&self) {
        let mut rows = self.rows();
        rows.to_hold = 0;
        self.held.send_replace(0);
        self.let_go.notify_all();
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap()
    }

    fn watch(&'static self, connection: &mut LockedSqliteHandle<'_>) {
        // SAFETY: the handle is open, and locked from its worker, for as long as `connection` is borrowed. The
        // callback has SQLite's signature, and its context, which is this, is never gone.
        unsafe {
            sqlite3_trace_v2(
                connection.as_raw_handle().as_ptr(),
                SQLITE_TRACE_STMT | SQLITE_TRACE_ROW,
                Some(report),
                ptr::from_ref(self).cast_mut().cast(),
            );
        }
    }

    fn query(&self, sql: &[u8]) {
        self.rows().queries += u64::from(sql.starts_with(b"SELECT"));
    }

    /// On the thread of the connection, which waits.
    fn row(&self) {
        let mut rows = self.rows();
        if rows.to_hold == 0 {
            return;
        }
        rows.to_hold -= 1;
        self.held.send_modify(|held| *held += 1);
        while *self.held.borrow() > 0 {
            rows = self.let_go.wait(rows).unwrap();
        }
    }
}

unsafe extern "C" fn report(
    event: c_uint,
    context: *mut c_void,
    _statement: *mut c_void,
    sql: *mut c_void,
) -> c_int {
    // SAFETY: it is the context that was given to `sqlite3_trace_v2`.
    let database = unsafe { &*context.cast::<Database>() };
    if event == SQLITE_TRACE_ROW {
        database.row();
    } else {
        // SAFETY: with this event comes the statement's text.
        database.query(unsafe { CStr::from_ptr(sql.cast::<c_char>()) }.to_bytes());
    }
    0
}
