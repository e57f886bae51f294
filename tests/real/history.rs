//! A server that keeps histories of shells, on SQLx behind a trait: rows that derive nothing, and one of them as an
//! argument.

use crate::{
    network::bodies,
    stand_ins::sqlx::{self, Executor, PgPool},
};
use async_trait::async_trait;
use coalesced::{CloneError, Registry, coalesce};
use std::fmt;

/// It was not `Clone`, and is no key: what it is told apart by is its id.
#[derive(Clone, Debug, serde::Serialize)]
struct User {
    id: i64,
    name: String,
    password: String,
}

/// It was not `Clone`.
#[derive(Clone, Debug, serde::Serialize)]
struct Session {
    token: String,
}

#[derive(Debug)]
enum DbError {
    NotFound,
    Other(anyhow::Error),
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Other(error) => write!(f, "{error:#}"),
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Protocol(_) => Self::NotFound,
            error => Self::Other(error.into()),
        }
    }
}

impl CloneError for DbError {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Other(error) => Self::Other(anyhow::anyhow!("{error:#}")),
        }
    }
}

type DbResult<T> = Result<T, DbError>;

#[async_trait]
trait Histories {
    async fn session(&self, token: &str) -> DbResult<Session>;
    async fn user(&self, name: &str) -> DbResult<User>;
    async fn user_of(&self, token: &str) -> DbResult<User>;
    async fn count(&self, user: &User) -> DbResult<i64>;
    async fn cached_count(&self, user: &User) -> DbResult<i64>;
    async fn deleted(&self, user: &User) -> DbResult<Vec<String>>;
}

struct Store {
    pool: PgPool,
    replica: Option<PgPool>,
    calls: Registry,
}

impl Store {
    async fn row(&self, sql: String) -> DbResult<String> {
        let pool = self.replica.as_ref().unwrap_or(&self.pool);
        Ok(pool.fetch(sql).await?)
    }
}

#[async_trait]
impl Histories for Store {
    #[coalesce(registry = self.calls)]
    async fn session(&self, token: &str) -> DbResult<Session> {
        let token = self.row(format!("session {token}")).await?;
        Ok(Session { token })
    }

    #[coalesce(registry = self.calls)]
    async fn user(&self, name: &str) -> DbResult<User> {
        let row = self.row(format!("user {name}")).await?;
        Ok(user(1, &row))
    }

    #[coalesce(registry = self.calls)]
    async fn user_of(&self, token: &str) -> DbResult<User> {
        let row = self.row(format!("user of {token}")).await?;
        Ok(user(1, &row))
    }

    #[coalesce(registry = self.calls, key = user.id)]
    async fn count(&self, user: &User) -> DbResult<i64> {
        let row = self.row(format!("count {}", user.id)).await?;
        Ok(row.len() as i64)
    }

    #[coalesce(registry = self.calls, key = user.id)]
    async fn cached_count(&self, user: &User) -> DbResult<i64> {
        let row = self.row(format!("cached count {}", user.id)).await?;
        Ok(row.len() as i64)
    }

    #[coalesce(registry = self.calls, key = user.id)]
    async fn deleted(&self, user: &User) -> DbResult<Vec<String>> {
        Ok(vec![self.row(format!("deleted {}", user.id)).await?])
    }
}

fn user(id: i64, name: &str) -> User {
    let [name, password] = [name, "hunter2"].map(str::to_owned);
    User { id, name, password }
}

fn stores() -> [Store; 2] {
    ["ours", "theirs"].map(|name| Store {
        pool: PgPool::connect(name),
        replica: None,
        calls: Registry::new(),
    })
}

#[test]
fn rows_by_what_names_them() {
    let [ours, theirs] = stores();
    bodies! {
        "one session": [ours.session("a"), ours.session("a")] => 1,
        "two sessions": [ours.session("a"), ours.session("b")] => 2,
        "session, two databases": [ours.session("a"), theirs.session("a")] => 2,
        "one user": [ours.user("ann"), ours.user("ann")] => 1,
        "two users": [ours.user("ann"), ours.user("bob")] => 2,
        "user, two databases": [ours.user("ann"), theirs.user("ann")] => 2,
        "user of one session": [ours.user_of("a"), ours.user_of("a")] => 1,
        "users of two sessions": [ours.user_of("a"), ours.user_of("b")] => 2,
        "user of a session, two databases": [ours.user_of("a"), theirs.user_of("a")] => 2,
        "two functions": [ours.user("a"), ours.user_of("a")] => 2,
    }
}

#[test]
fn what_a_user_has() {
    let [ours, theirs] = stores();
    let [ann, again, bob] = [user(1, "ann"), user(1, "renamed"), user(2, "ann")];
    bodies! {
        "count": [ours.count(&ann), ours.count(&again)] => 1,
        "counts of two": [ours.count(&ann), ours.count(&bob)] => 2,
        "count, two databases": [ours.count(&ann), theirs.count(&ann)] => 2,
        "cached count": [ours.cached_count(&ann), ours.cached_count(&again)] => 1,
        "cached counts of two": [ours.cached_count(&ann), ours.cached_count(&bob)] => 2,
        "cached count, two databases": [ours.cached_count(&ann), theirs.cached_count(&ann)] => 2,
        "deleted": [ours.deleted(&ann), ours.deleted(&again)] => 1,
        "deleted of two": [ours.deleted(&ann), ours.deleted(&bob)] => 2,
        "deleted, two databases": [ours.deleted(&ann), theirs.deleted(&ann)] => 2,
        "two functions": [ours.count(&ann), ours.cached_count(&ann)] => 2,
    }
}
