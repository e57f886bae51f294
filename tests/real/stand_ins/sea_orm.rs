//! Stands for the crate.

use crate::network::{self, TimedOut};
use async_trait::async_trait;

/// Which database, here; no key, and `Clone`, as in the crate.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseConnection(pub(crate) &'static str);

#[derive(Debug)]
pub(crate) struct DatabaseTransaction(DatabaseConnection, u64);

impl DatabaseConnection {
    pub(crate) fn begin(&self, number: u64) -> DatabaseTransaction {
        DatabaseTransaction(self.clone(), number)
    }
}

/// Not `Clone`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbErr {
    #[error("Failed to acquire connection from pool")]
    ConnectionAcquire,
}

impl From<TimedOut> for DbErr {
    fn from(_: TimedOut) -> Self {
        Self::ConnectionAcquire
    }
}

#[async_trait]
pub(crate) trait ConnectionTrait: Sync {
    async fn query_all(&self, sql: String) -> Result<String, DbErr>;
}

#[async_trait]
impl ConnectionTrait for DatabaseConnection {
    async fn query_all(&self, sql: String) -> Result<String, DbErr> {
        Ok(network::send(format!("{}: {sql}", self.0)).await?)
    }
}

#[async_trait]
impl ConnectionTrait for DatabaseTransaction {
    async fn query_all(&self, sql: String) -> Result<String, DbErr> {
        let Self(connection, number) = self;
        connection
            .query_all(format!("in transaction {number}, {sql}"))
            .await
    }
}
