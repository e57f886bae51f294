//! A PostgreSQL server, as it is by default: its own statistics count the scans of the table.
//!
//! The rows and the mark that they are all there, a comment on the table, are written in one
//! transaction. A lock of the server keeps a second herd away, whose scans would be counted too.

use std::{fmt, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr,
    postgres::PgConnectOptions,
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
        options: PgConnectOptions,
        rows: i32,
        connections: u32,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let address = address(&options);
        let options = options
            .application_name("coalesced herd")
            // Each worker of a parallel scan would be counted as a scan.
            .options([("max_parallel_workers_per_gather", "0")])
            .disable_statement_logging();
        let mut keeper = match timeout(PATIENCE, options.connect()).await {
            Ok(connected) => connected.map_err(|error| told(&address, &error))?,
            Err(_) => {
                return Err(Failure::new(format!(
                    "PostgreSQL at {address} did not answer within {} seconds; check the host \
                     and the port in the URL",
                    PATIENCE.as_secs(),
                )));
            }
        };
        if let Some(refusal) = prepare(&mut keeper, rows, progress)
            .await
            .map_err(|error| told(&address, &error))?
        {
            return Err(Failure::new(format!("PostgreSQL at {address} {refusal}")));
        }
        let postgres = Self {
            address,
            connections: Connections::new(connections, options),
            keeper: Mutex::new(keeper),
        };
        match timeout(PATIENCE, postgres.warm()).await {
            Ok(warm) => warm.map_err(|error| told(&postgres.address, &error))?,
            // The pool tries again, for long, when the server says that it has no room.
            Err(_) => {
                return Err(Failure::new(format!(
                    "PostgreSQL at {} did not give {connections} connections within {} seconds; \
                     ask for fewer with --pool, or raise its max_connections",
                    postgres.address,
                    PATIENCE.as_secs(),
                )));
            }
        }
        Ok(postgres)
    }

    /// Opens every connection and prepares the query on it.
    async fn warm(&self) -> sqlx::Result<()> {
        let mut all = self.connections.all().await?;
        for connection in &mut all {
            connection.prepare(sales::TOTAL.into_sql_str()).await?;
        }
        self.connections.give_back(all).await;
        Ok(())
    }

    pub(crate) async fn sales(&self, category: i32) -> sqlx::Result<Sales> {
        let mut connection = self.connections.one().await?;
        let (count, cents) =
            sqlx::query_as(sales::TOTAL).bind(category).fetch_one(&mut *connection).await?;
        Ok(Sales { category, count, cents })
    }

    pub(crate) async fn queries(&self) -> Result<u64, Failure> {
        self.scans().await.map_err(|error| told(&self.address, &error))
    }

    async fn scans(&self) -> sqlx::Result<u64> {
        let mut idle = self.connections.all().await?;
        // Each session keeps its counts for up to a second before it adds them to the server's.
        for connection in &mut idle {
            sqlx::query("SELECT pg_stat_force_next_flush()").execute(&mut **connection).await?;
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

/// Takes the lock and makes the rows; returns why this server won't do, if it won't.
async fn prepare(
    keeper: &mut PgConnection,
    rows: i32,
    progress: &Progress,
) -> sqlx::Result<Option<&'static str>> {
    if keeper.server_version_num().is_some_and(|version| version < 15_00_00) {
        return Ok(Some("is older than version 15, whose statistics can be asked for at any time; use a newer one"));
    }
    let counts: String = sqlx::query_scalar("SHOW track_counts").fetch_one(&mut *keeper).await?;
    if counts != "on" {
        return Ok(Some("does not count scans; set its track_counts to on"));
    }
    let locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut *keeper)
        .await?;
    if !locked {
        return Ok(Some("is being asked by another herd; try again when it is done"));
    }
    let (there, mark): (bool, Option<String>) = sqlx::query_as(
        "SELECT herd IS NOT NULL, obj_description(herd, 'pg_class')
         FROM to_regclass('coalesced_herd') AS herd",
    )
    .fetch_one(&mut *keeper)
    .await?;
    let mark = mark.unwrap_or_default();
    let whole = format!("{MARK} {rows}");
    if there && !mark.starts_with(MARK) {
        return Ok(Some("has a table `coalesced_herd` that is not this program's; use another database"));
    }
    if mark != whole {
        let mut making = keeper.begin().await?;
        making.execute("DROP TABLE IF EXISTS coalesced_herd").await?;
        making.execute(sales::CREATE).await?;
        for (first, last) in sales::batches(rows, progress) {
            sqlx::query(sales::FILL).bind(first).bind(last).execute(&mut *making).await?;
        }
        let mark = format!("COMMENT ON TABLE coalesced_herd IS '{whole}'");
        making.execute(AssertSqlSafe(mark)).await?;
        making.commit().await?;
        // Not in the first round's time.
        keeper.execute("VACUUM ANALYZE coalesced_herd").await?;
    }
    Ok(None)
}

fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn told(address: &str, error: &sqlx::Error) -> Failure {
    let code = error.as_database_error().and_then(|error| error.code());
    let way_out = match code.as_deref() {
        Some("28000" | "28P01") => "check the user and the password in the URL",
        Some("3D000") => "make it with createdb, or name another one in the URL",
        Some("42501") => "grant the user CREATE on the schema, or use another database",
        Some("53100") => "free some space on the server, or ask for fewer --rows",
        Some(_) => "look it up in the server's log",
        None => "start the server, or check the host and the port in the URL",
    };
    Failure::new(format!("can't use PostgreSQL at {address}: {}; {way_out}", reason(error)))
}
