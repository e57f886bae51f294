//! A file that the program makes itself.
//!
//! The rows and the mark that they are all there are written in one transaction: SQLite itself
//! takes back what an interrupted run left, and of two runs that start together one makes them.

use std::{
    ffi::{CStr, c_int, c_uint, c_void},
    fmt,
    path::{Path, PathBuf},
    ptr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use libsqlite3_sys::{
    SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_NOTADB, SQLITE_TRACE_STMT, sqlite3_trace_v2,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    sqlite::{LockedSqliteHandle, SqliteConnectOptions},
};

use crate::{
    connections::Connections,
    failure::{Failure, reason},
    progress::Progress,
    sales::{self, Sales},
};

/// In the file's header, and nobody else's: "HER" and the version of the rows.
const MARK: i32 = 0x4845_5201;

#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    pub(crate) connections: Connections<sqlx::Sqlite>,
}

impl Sqlite {
    pub(crate) async fn open(
        path: &Path,
        rows: i32,
        connections: u32,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            // Another run may be making the rows.
            .busy_timeout(Duration::from_mins(1))
            .disable_statement_logging();
        let told = |error| told(path, &error);
        let mut connection = options
            .clone()
            .create_if_missing(true)
            .connect()
            .await
            .map_err(told)?;
        let found = make(&mut connection, rows, progress).await.map_err(told)?;
        connection.close().await.map_err(told)?;
        if found == Found::Stranger {
            return Err(Failure::new(format!(
                "{} holds tables that are not this program's; name another file with \
                 --database PATH",
                path.display(),
            )));
        }
        let sqlite = Self {
            path: path.to_owned(),
            connections: Connections::new(connections, options.read_only(true)),
        };
        sqlite.watch().await.map_err(told)?;
        Ok(sqlite)
    }

    async fn watch(&self) -> sqlx::Result<()> {
        let mut all = self.connections.all().await?;
        for connection in &mut all {
            trace(&mut connection.lock_handle().await?);
        }
        self.connections.give_back(all).await;
        Ok(())
    }

    pub(crate) async fn sales(&self, category: i32) -> sqlx::Result<Sales> {
        let mut connection = self.connections.one().await?;
        let (count, cents) = sqlx::query_as(sales::TOTAL)
            .bind(category)
            .fetch_one(&mut *connection)
            .await?;
        Ok(Sales {
            category,
            count,
            cents,
        })
    }

    pub(crate) async fn queries(&self) -> Result<u64, Failure> {
        let idle = self
            .connections
            .all()
            .await
            .map_err(|error| told(&self.path, &error))?;
        let statements = STATEMENTS.load(Relaxed);
        self.connections.give_back(idle).await;
        Ok(statements)
    }
}

impl fmt::Display for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLite, {}", self.path.display())
    }
}

#[derive(PartialEq, Eq)]
enum Found {
    /// All rows are there.
    Whole,
    /// There is nothing yet, or another number of rows.
    Other,
    /// Someone else's file.
    Stranger,
}

async fn make(
    connection: &mut SqliteConnection,
    rows: i32,
    progress: &Progress,
) -> sqlx::Result<Found> {
    let found = look(connection, rows).await?;
    if found != Found::Other {
        return Ok(found);
    }
    let mut making = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Now that nobody else can write: another run may have made them.
    let found = look(&mut making, rows).await?;
    if found == Found::Other {
        sqlx::query("DROP TABLE IF EXISTS coalesced_herd")
            .execute(&mut *making)
            .await?;
        sqlx::query(sales::CREATE).execute(&mut *making).await?;
        for (first, last) in sales::batches(rows, progress) {
            sqlx::query(sales::FILL)
                .bind(first)
                .bind(last)
                .execute(&mut *making)
                .await?;
        }
        let mark = format!("PRAGMA application_id = {MARK}; PRAGMA user_version = {rows}");
        sqlx::raw_sql(AssertSqlSafe(mark))
            .execute(&mut *making)
            .await?;
    }
    making.commit().await?;
    Ok(found)
}

async fn look(connection: &mut SqliteConnection, rows: i32) -> sqlx::Result<Found> {
    let (mark, made, tables): (i32, i32, i32) = sqlx::query_as(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
    )
    .fetch_one(connection)
    .await?;
    Ok(match (mark, made) {
        (MARK, made) if made == rows => Found::Whole,
        (MARK, _) => Found::Other,
        _ if tables == 0 => Found::Other,
        _ => Found::Stranger,
    })
}

/// How often SQLite began to run [`sales::TOTAL`], in this process.
static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Makes SQLite itself report each statement of this connection, whatever the driver says it did.
fn trace(connection: &mut LockedSqliteHandle<'_>) {
    // SAFETY: the handle is open, and locked from its worker, for as long as `connection` is
    // borrowed. The callback needs no context and is never gone. It has SQLite's signature.
    unsafe {
        sqlite3_trace_v2(
            connection.as_raw_handle().as_ptr(),
            SQLITE_TRACE_STMT,
            Some(began),
            ptr::null_mut(),
        );
    }
}

unsafe extern "C" fn began(
    _event: c_uint,
    _context: *mut c_void,
    _statement: *mut c_void,
    sql: *mut c_void,
) -> c_int {
    // SAFETY: SQLite passes the statement's text for `SQLITE_TRACE_STMT`, the only event asked
    // for: ended by a zero byte, and untouched until this returns.
    let sql = unsafe { CStr::from_ptr(sql.cast()) };
    if sql.to_bytes() == sales::TOTAL.as_bytes() {
        STATEMENTS.fetch_add(1, Relaxed);
    }
    0
}

fn told(path: &Path, error: &sqlx::Error) -> Failure {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<i32>().ok());
    // The low byte is the kind of error, the rest its variant.
    let way_out = match code.map(|code| code & 0xff) {
        Some(SQLITE_FULL) => {
            "free some space, ask for fewer --rows, or name another place with --database PATH"
        }
        Some(SQLITE_BUSY) => "another program holds it; try again when it is done",
        Some(SQLITE_CORRUPT) => "delete it, and it is made again",
        Some(SQLITE_NOTADB) => "name another file with --database PATH",
        _ => {
            "name a file in a folder that is there, and that you can write to, with --database PATH"
        }
    };
    Failure::new(format!(
        "can't use {} as database: {}; {way_out}",
        path.display(),
        reason(error)
    ))
}
