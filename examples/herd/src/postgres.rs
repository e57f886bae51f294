//! A PostgreSQL server, as it is by default: its own statistics count the scans of the table.
//!
//! The rows and the mark that they are all there, a comment on the table, are written in one
//! transaction. A lock of the server keeps a second herd away, whose scans would be counted too.

use std::{fmt, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr,
    error::DatabaseError, postgres::PgConnectOptions,
};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    connections::Connections,
    failure::{Failure, reason},
    progress::Progress,
    sales::{self, Sales},
};

const MARK: &str = "the example herd of coalesced, version 1, rows:";

/// The name of the advisory lock, as a number: "coalesce".
const LOCK: i64 = 0x636f_616c_6573_6365;

const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(crate) struct Postgres {
    address: String,
    pub(crate) connections: Connections<sqlx::Postgres>,
    /// Its session holds the lock.
    keeper: Mutex<PgConnection>,
}

impl Postgres {
    pub(crate) async fn open(
        options: &PgConnectOptions,
        rows: i32,
        connections: u32,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let address = address(options);
        let told = |error| told(&address, &error);
        let options = options
            .clone()
            .application_name("coalesced herd")
            // Whatever the URL says: the query stays prepared.
            .statement_cache_capacity(10)
            .options([
                // Each worker of a parallel scan would be counted as a scan.
                ("max_parallel_workers_per_gather", "0"),
                // The lock's, and what making the table has to wait for.
                ("lock_timeout", "15s"),
            ])
            .disable_statement_logging();
        let Ok(connected) = timeout(PATIENCE, options.connect()).await else {
            return Err(Failure::new(format!(
                "PostgreSQL at {address} did not answer within {} seconds; check the host and \
                 the port in the URL",
                PATIENCE.as_secs(),
            )));
        };
        let mut keeper = connected.map_err(told)?;
        if let Some(refusal) = refusal(&mut keeper).await.map_err(told)? {
            return Err(Failure::new(format!("PostgreSQL at {address} {refusal}")));
        }
        make(&mut keeper, rows, progress).await.map_err(told)?;

        let all = Connections::new(connections, options);
        // The pool tries again, for long, when the server says that it has no room.
        let Ok(warm) = timeout(PATIENCE, warm(&all)).await else {
            return Err(Failure::new(format!(
                "PostgreSQL at {address} did not give {connections} connections within {} \
                 seconds; ask for fewer with --pool, or raise its max_connections",
                PATIENCE.as_secs(),
            )));
        };
        warm.map_err(told)?;
        Ok(Self {
            address,
            connections: all,
            keeper: Mutex::new(keeper),
        })
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
        self.scans()
            .await
            .map_err(|error| told(&self.address, &error))
    }

    async fn scans(&self) -> sqlx::Result<u64> {
        let mut idle = self.connections.all().await?;
        // Each session keeps its counts for up to a second before it adds them to the server's.
        for connection in &mut idle {
            sqlx::query("SELECT pg_stat_force_next_flush()")
                .execute(&mut **connection)
                .await?;
        }
        self.connections.give_back(idle).await;
        let scans: i64 = sqlx::query_scalar(
            "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables
             WHERE relid = 'coalesced_herd'::regclass",
        )
        .fetch_one(&mut *self.keeper.lock().await)
        .await?;
        Ok(scans.unsigned_abs())
    }
}

impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL at {}", self.address)
    }
}

/// Why this server won't do, if it won't. Takes the lock.
async fn refusal(keeper: &mut PgConnection) -> sqlx::Result<Option<&'static str>> {
    if keeper
        .server_version_num()
        .is_some_and(|version| version < 150_000)
    {
        return Ok(Some(
            "can't be told to publish its counts; use version 15 or later",
        ));
    }
    let counts: String = sqlx::query_scalar("SHOW track_counts")
        .fetch_one(&mut *keeper)
        .await?;
    if counts != "on" {
        return Ok(Some("does not count scans; set its track_counts to on"));
    }
    // Waits a little: the server may not have seen yet that an earlier herd is gone.
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut *keeper)
        .await?;
    let table: bool = sqlx::query_scalar("SELECT to_regclass('coalesced_herd') IS NOT NULL")
        .fetch_one(&mut *keeper)
        .await?;
    if table && !mark(keeper).await?.starts_with(MARK) {
        return Ok(Some(
            "has a table `coalesced_herd` that is not this program's; use another database",
        ));
    }
    Ok(None)
}

async fn make(keeper: &mut PgConnection, rows: i32, progress: &Progress) -> sqlx::Result<()> {
    let whole = format!("{MARK} {rows}");
    if mark(keeper).await? == whole {
        return Ok(());
    }
    let mut making = keeper.begin().await?;
    making
        .execute("DROP TABLE IF EXISTS coalesced_herd")
        .await?;
    making.execute(sales::CREATE).await?;
    for (first, last) in sales::batches(rows, progress) {
        sqlx::query(sales::FILL)
            .bind(first)
            .bind(last)
            .execute(&mut *making)
            .await?;
    }
    let mark = format!("COMMENT ON TABLE coalesced_herd IS '{whole}'");
    making.execute(AssertSqlSafe(mark)).await?;
    making.commit().await?;
    // Else the server would, during a round.
    keeper.execute("VACUUM ANALYZE coalesced_herd").await?;
    Ok(())
}

/// The comment on the table; empty where there is none.
async fn mark(keeper: &mut PgConnection) -> sqlx::Result<String> {
    let mark: Option<String> =
        sqlx::query_scalar("SELECT obj_description(to_regclass('coalesced_herd'), 'pg_class')")
            .fetch_one(keeper)
            .await?;
    Ok(mark.unwrap_or_default())
}

/// Opens every connection and prepares the query on it.
async fn warm(connections: &Connections<sqlx::Postgres>) -> sqlx::Result<()> {
    let mut all = connections.all().await?;
    for connection in &mut all {
        connection.prepare(sales::TOTAL.into_sql_str()).await?;
    }
    connections.give_back(all).await;
    Ok(())
}

fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn told(address: &str, error: &sqlx::Error) -> Failure {
    let code = error.as_database_error().and_then(DatabaseError::code);
    let way_out = match (error, code.as_deref()) {
        (sqlx::Error::Tls(_), _) => "ask for sslmode=disable in the URL",
        (_, Some("28000" | "28P01")) => "check the user and the password in the URL",
        (_, Some("3D000")) => "make it with createdb, or name another one in the URL",
        (_, Some("42501")) => "grant the user CREATE on the schema, or use another database",
        (_, Some("55P03")) => "another herd is at it; try again when that is done",
        (_, Some("53100")) => "free some space on the server, or ask for fewer --rows",
        (_, Some(_)) => "the server's log may say more",
        (_, None) => "start the server, or check the host and the port in the URL",
    };
    Failure::new(format!(
        "can't use PostgreSQL at {address}: {}; {way_out}",
        reason(error)
    ))
}
