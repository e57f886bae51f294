//! What stands for sqlx in the README's code: its names and signatures, and a database whose rows are all the same.

use std::{
    fmt,
    future::{Future, poll_fn},
    marker::PhantomData,
    task::Poll,
};

// A derive of this name is there then, too, as sqlx has it.
pub use std::default::Default as FromRow;

/// A pool of connections.
#[derive(Debug)]
pub struct PgPool;

impl PgPool {
    /// Is connected at once.
    ///
    /// # Errors
    ///
    /// None; sqlx has them.
    #[expect(clippy::unused_async, reason = "sqlx's is")]
    pub async fn connect(_url: &str) -> Result<Self, Error> {
        Ok(Self)
    }
}

/// An error that is not `Clone`.
#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pool timed out")
    }
}

impl std::error::Error for Error {}

/// The database.
#[derive(Debug)]
pub struct Postgres;

/// What can be bound: no unsigned number.
pub trait Encode<'q, DB> {}

impl Encode<'_, Postgres> for i32 {}
impl Encode<'_, Postgres> for i64 {}
impl Encode<'_, Postgres> for String {}
impl Encode<'_, Postgres> for &str {}

/// A query of rows that are `O`.
#[derive(Debug)]
pub struct QueryAs<'q, DB, O>(PhantomData<fn(&'q (), DB) -> O>);

/// A query of rows that are `O`.
#[must_use]
pub fn query_as<'q, DB, O: FromRow>(_sql: &'static str) -> QueryAs<'q, DB, O> {
    QueryAs(PhantomData)
}

impl<'q, DB, O: FromRow> QueryAs<'q, DB, O> {
    /// Gives the next `$n` its value.
    #[must_use]
    pub fn bind<T: 'q + Encode<'q, DB>>(self, _value: T) -> Self {
        self
    }
}

impl<O: FromRow> QueryAs<'_, Postgres, O> {
    /// One row.
    ///
    /// # Errors
    ///
    /// None; sqlx has them.
    pub async fn fetch_one(self, _pool: &PgPool) -> Result<O, Error> {
        round_trip().await;
        Ok(O::default())
    }

    /// One row, or none.
    ///
    /// # Errors
    ///
    /// None; sqlx has them.
    pub async fn fetch_optional(self, pool: &PgPool) -> Result<Option<O>, Error> {
        self.fetch_one(pool).await.map(Some)
    }
}

/// Awaits once, so that other callers can come meanwhile.
fn round_trip() -> impl Future<Output = ()> {
    let mut is_sent = false;
    poll_fn(move |cx| {
        if is_sent {
            return Poll::Ready(());
        }
        is_sent = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}
