//! Stands for the crate.

use crate::network::{self, TimedOut};
use std::marker::PhantomData;

#[derive(Debug)]
pub(crate) enum Postgres {}

#[derive(Debug)]
pub(crate) struct Pool<DB>(&'static str, PhantomData<DB>);

pub(crate) type PgPool = Pool<Postgres>;

#[derive(Debug)]
pub(crate) struct Transaction<'c, DB>(u64, &'c Pool<DB>);

/// Not `Clone`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("pool timed out while waiting for an open connection")]
    PoolTimedOut,
    #[error("encountered unexpected or invalid data: {0}")]
    Protocol(String),
}

impl From<TimedOut> for Error {
    fn from(_: TimedOut) -> Self {
        Self::PoolTimedOut
    }
}

impl<DB> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self(self.0, PhantomData)
    }
}

impl<DB> Pool<DB> {
    pub(crate) fn connect(database: &'static str) -> Self {
        Self(database, PhantomData)
    }

    pub(crate) fn begin(&self, number: u64) -> Transaction<'_, DB> {
        Transaction(number, self)
    }
}

pub(crate) trait Executor<'e>: Send {
    type Database;

    fn fetch(self, sql: String) -> impl Future<Output = Result<String, Error>> + Send;
}

impl<'e, DB: Send + Sync> Executor<'e> for &'e Pool<DB> {
    type Database = DB;

    async fn fetch(self, sql: String) -> Result<String, Error> {
        Ok(network::send(format!("{}: {sql}", self.0)).await?)
    }
}

impl<'e, DB: Send + Sync> Executor<'e> for &'e mut Transaction<'_, DB> {
    type Database = DB;

    async fn fetch(self, sql: String) -> Result<String, Error> {
        let Transaction(number, pool) = self;
        pool.fetch(format!("in transaction {number}, {sql}")).await
    }
}
