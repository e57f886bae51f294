//! Stands for the crates `diesel`, `diesel-async` and `deadpool`.

use crate::network::{self, TimedOut};

/// Which database, here, and in which transaction.
#[derive(Debug)]
pub(crate) struct AsyncPgConnection(&'static str, Option<u64>);

#[derive(Clone, Debug)]
pub(crate) struct Pool(pub(crate) &'static str);

/// Not `Clone`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DieselError {
    #[error("server closed the connection unexpectedly")]
    ClosedConnection,
}

impl From<TimedOut> for DieselError {
    fn from(_: TimedOut) -> Self {
        Self::ClosedConnection
    }
}

pub(crate) type QueryResult<T> = Result<T, DieselError>;

impl Pool {
    pub(crate) async fn get(&self) -> QueryResult<AsyncPgConnection> {
        Ok(AsyncPgConnection(self.0, None))
    }

    pub(crate) fn begin(&self, number: u64) -> AsyncPgConnection {
        AsyncPgConnection(self.0, Some(number))
    }
}

impl AsyncPgConnection {
    pub(crate) async fn load(&self, sql: String) -> QueryResult<String> {
        let Self(database, transaction) = self;
        Ok(network::send(format!("{database}, {transaction:?}: {sql}")).await?)
    }
}
