//! A forum on diesel-async: functions that take a pool, or a connection that may be in a transaction.

use crate::{
    network::bodies,
    stand_ins::diesel::{AsyncPgConnection, DieselError, Pool, QueryResult},
};
use coalesced::{CloneError, Registry, coalesce};
use std::fmt;

/// A pool, or a connection that may be in a transaction.
enum DbPool<'a> {
    Pool(&'a Pool),
    Conn(&'a mut AsyncPgConnection),
}

impl DbPool<'_> {
    async fn load(&mut self, sql: String) -> QueryResult<String> {
        match self {
            Self::Pool(pool) => pool.get().await?.load(sql).await,
            Self::Conn(connection) => connection.load(sql).await,
        }
    }
}

/// The crate's error, which any error becomes.
#[derive(Debug)]
struct ForumError {
    kind: ForumErrorKind,
    cause: anyhow::Error,
}

#[derive(Clone, Debug, PartialEq)]
enum ForumErrorKind {
    Database,
    Unknown,
}

impl fmt::Display for ForumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.cause)
    }
}

impl<E: Into<anyhow::Error>> From<E> for ForumError {
    fn from(error: E) -> Self {
        let cause = error.into();
        let kind = match cause.downcast_ref() {
            Some(DieselError::ClosedConnection) => ForumErrorKind::Database,
            None => ForumErrorKind::Unknown,
        };
        Self { kind, cause }
    }
}

impl CloneError for ForumError {
    fn clone_error(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            cause: anyhow::anyhow!("{:#}", self.cause),
        }
    }
}

type ForumResult<T> = Result<T, ForumError>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DbUrl(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PostId(i32);

#[derive(Clone, Debug, PartialEq, Eq)]
struct LocalUser {
    id: i32,
}

struct Forum {
    pool: Pool,
    calls: Registry,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Site {
    name: String,
}

impl Site {
    /// It took `pool: &mut DbPool<'_>`.
    #[coalesce(registry = forum.calls)]
    async fn read_from_url(forum: &Forum, url: &DbUrl) -> ForumResult<Option<Self>> {
        let pool = &mut DbPool::Pool(&forum.pool);
        let name = pool.load(format!("site where url = {url:?}")).await?;
        Ok(Some(Self { name }))
    }
}

#[derive(Clone, Debug, serde::Serialize)]
struct PostView {
    title: String,
}

impl PostView {
    /// All pools of the process are of one database, and what is in a transaction is not shared.
    #[coalesce(key = (id, me.map(|it| it.id), is_admin), bypass = matches!(pool, DbPool::Conn(_)))]
    async fn read(
        pool: &mut DbPool<'_>,
        id: PostId,
        me: Option<&LocalUser>,
        is_admin: bool,
    ) -> ForumResult<Self> {
        let title = pool
            .load(format!(
                "post {id:?} as {:?}, {is_admin}",
                me.map(|it| it.id)
            ))
            .await?;
        Ok(Self { title })
    }
}

#[test]
fn site_of_a_pool_or_a_connection() {
    let [ours, theirs] = ["ours", "theirs"].map(|name| Forum {
        pool: Pool(name),
        calls: Registry::new(),
    });
    let [here, there] = ["here", "there"].map(|url| DbUrl(url.to_owned()));
    bodies! {
        "one site": [Site::read_from_url(&ours, &here), Site::read_from_url(&ours, &here)] => 1,
        "two sites": [Site::read_from_url(&ours, &here), Site::read_from_url(&ours, &there)] => 2,
        "two databases": [Site::read_from_url(&ours, &here), Site::read_from_url(&theirs, &here)] => 2,
    }
}

#[test]
fn post_as_somebody_sees_it() {
    let pool = Pool("ours");
    let [ann, bob] = [1, 2].map(|id| LocalUser { id });
    let read = |id, me, is_admin| {
        let mut pool = DbPool::Pool(&pool);
        async move { PostView::read(&mut pool, PostId(id), me, is_admin).await }
    };
    let in_transaction = |number, id| {
        let mut connection = pool.begin(number);
        async move { PostView::read(&mut DbPool::Conn(&mut connection), PostId(id), None, false).await }
    };
    bodies! {
        "nobody": [read(7, None, false), read(7, None, false)] => 1,
        "one user": [read(7, Some(&ann), false), read(7, Some(&ann), false)] => 1,
        "two users": [read(7, Some(&ann), false), read(7, Some(&bob), false), read(7, None, false)] => 3,
        "with another right": [read(7, Some(&ann), false), read(7, Some(&ann), true)] => 2,
        "two posts": [read(7, None, false), read(8, None, false)] => 2,
        "in transactions": [read(7, None, false), in_transaction(1, 7), in_transaction(1, 7)] => 3,
    }
}
