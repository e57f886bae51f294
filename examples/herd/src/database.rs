//! The database that the herd asks: a file of its own, or a server.

use std::{fmt, path::PathBuf};

use sqlx::postgres::PgConnectOptions;

use crate::{
    connections::Usage, failure::Failure, postgres::Postgres, progress::Progress, sales::Sales,
    sqlite::Sqlite,
};

#[derive(Debug)]
pub(crate) enum Place {
    File(PathBuf),
    Server(Box<PgConnectOptions>),
}

#[derive(Debug)]
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Makes the table if it is not there, or not of this size.
    pub(crate) async fn open(
        place: Place,
        rows: i32,
        connections: u32,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        Ok(match place {
            Place::File(path) => {
                Self::Sqlite(Sqlite::open(&path, rows, connections, progress).await?)
            }
            Place::Server(options) => {
                Self::Postgres(Postgres::open(&options, rows, connections, progress).await?)
            }
        })
    }

    pub(crate) async fn sales(&self, category: i32) -> sqlx::Result<Sales> {
        match self {
            Self::Sqlite(sqlite) => sqlite.sales(category).await,
            Self::Postgres(postgres) => postgres.sales(category).await,
        }
    }

    /// How often the database ran the query until now, by its own count. Waits until it is idle.
    pub(crate) async fn queries(&self) -> Result<u64, Failure> {
        match self {
            Self::Sqlite(sqlite) => sqlite.queries().await,
            Self::Postgres(postgres) => postgres.queries().await,
        }
    }

    pub(crate) fn take_usage(&self) -> Usage {
        match self {
            Self::Sqlite(sqlite) => sqlite.connections.take_usage(),
            Self::Postgres(postgres) => postgres.connections.take_usage(),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(sqlite) => sqlite.fmt(f),
            Self::Postgres(postgres) => postgres.fmt(f),
        }
    }
}
