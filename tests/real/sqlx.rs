//! A blog on SQLx, with axum in front.

use crate::{
    network::bodies,
    stand_ins::{
        sqlx::{self, Executor, PgPool, Postgres, Transaction},
        uuid::Uuid,
    },
};
use anyhow::Context;
use axum::{Extension, Json, extract::Path};
use coalesced::{CloneError, Registry, coalesce};

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("authentication required")]
    Unauthorized,
    #[error("an error occurred with the database")]
    Sqlx(#[from] sqlx::Error),
    #[error("an internal server error occurred")]
    Anyhow(#[from] anyhow::Error),
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::Unauthorized => Self::Unauthorized,
            Self::Sqlx(error) => Self::Sqlx(sqlx::Error::Protocol(error.to_string())),
            Self::Anyhow(error) => Self::Anyhow(anyhow::anyhow!("{error:#}")),
        }
    }
}

type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Clone)]
struct ApiContext {
    db: PgPool,
    calls: Registry,
}

struct AuthUser {
    user_id: Uuid,
}

struct MaybeAuthUser(Option<AuthUser>);

impl MaybeAuthUser {
    fn user_id(&self) -> Option<Uuid> {
        self.0.as_ref().map(|user| user.user_id)
    }
}

/// It took `pool: &PgPool`.
#[coalesce(registry = ctx.calls)]
async fn username(user_id: Uuid, ctx: &ApiContext) -> Result<String, anyhow::Error> {
    let name = ctx.db.fetch(format!("name of {user_id:?}")).await;
    name.context("Failed to retrieve a username.")
}

#[derive(Clone, Debug, serde::Serialize)]
struct Article {
    text: String,
}

#[coalesce(registry = ctx.calls, key = (maybe_auth_user.user_id(), slug))]
async fn article(
    maybe_auth_user: MaybeAuthUser,
    ctx: Extension<ApiContext>,
    Path(slug): Path<String>,
) -> Result<Json<Article>> {
    let user = maybe_auth_user.user_id();
    let text = ctx.db.fetch(format!("{slug} as {user:?}")).await?;
    Ok(Json(Article { text }))
}

#[coalesce(registry = ctx.calls)]
async fn tags(ctx: Extension<ApiContext>) -> Result<Json<Vec<String>>> {
    Ok(Json(vec![ctx.db.fetch("tags".to_owned()).await?]))
}

/// Also for transactions, and so not shared.
async fn user_by_email<'e, E>(executor: E, email: &str) -> Result<Option<String>, sqlx::Error>
where
    E: Executor<'e, Database = Postgres>,
{
    executor.fetch(format!("user with {email}")).await.map(Some)
}

/// In a transaction, and so not shared.
async fn due(
    transaction: &mut Transaction<'_, Postgres>,
    customer: Uuid,
) -> Result<u64, sqlx::Error> {
    let row = transaction.fetch(format!("due of {customer:?}")).await?;
    Ok(row.len() as u64)
}

struct Users {
    pool: PgPool,
    calls: Registry,
}

impl Users {
    #[coalesce(registry = self.calls)]
    async fn by_email(&self, email: &str) -> Result<Option<String>> {
        Ok(user_by_email(&self.pool, email).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn by_ids(&self, ids: &[Uuid]) -> Result<Vec<String>> {
        Ok(vec![self.pool.fetch(format!("users {ids:?}")).await?])
    }
}

fn contexts() -> [Extension<ApiContext>; 2] {
    ["ours", "theirs"].map(|name| {
        let (db, calls) = (PgPool::connect(name), Registry::new());
        Extension(ApiContext { db, calls })
    })
}

fn users() -> [Users; 2] {
    ["ours", "theirs"].map(|name| Users {
        pool: PgPool::connect(name),
        calls: Registry::new(),
    })
}

#[test]
fn username_of_a_pool() {
    let [ours, theirs] = contexts();
    let clone = ours.clone();
    bodies! {
        "one user": [username(Uuid(7), &ours), username(Uuid(7), &clone), username(Uuid(7), &ours)] => 1,
        "two users": [username(Uuid(7), &ours), username(Uuid(8), &ours)] => 2,
        "two databases": [username(Uuid(7), &ours), username(Uuid(7), &theirs)] => 2,
    }
}

#[test]
fn article_as_somebody_sees_it() {
    let [ours, theirs] = contexts();
    let of = |ctx: &Extension<ApiContext>, user: Option<u128>, slug: &str| {
        let user = user.map(|id| AuthUser { user_id: Uuid(id) });
        article(MaybeAuthUser(user), ctx.clone(), Path(slug.to_owned()))
    };
    bodies! {
        "nobody": [of(&ours, None, "rust"), of(&ours, None, "rust")] => 1,
        "one user": [of(&ours, Some(1), "rust"), of(&ours, Some(1), "rust")] => 1,
        "two users": [of(&ours, Some(1), "rust"), of(&ours, Some(2), "rust"), of(&ours, None, "rust")] => 3,
        "two articles": [of(&ours, None, "rust"), of(&ours, None, "go")] => 2,
        "two databases": [of(&ours, None, "rust"), of(&theirs, None, "rust")] => 2,
    }
}

#[test]
fn tags_of_a_context() {
    let [ours, theirs] = contexts();
    bodies! {
        "all": [tags(ours.clone()), tags(ours.clone()), tags(ours.clone())] => 1,
        "two databases": [tags(ours.clone()), tags(theirs.clone())] => 2,
    }
}

#[test]
fn user_by_email_of_any_executor() {
    let [ours, theirs] = users();
    let in_transaction = |number| {
        let mut transaction = ours.pool.begin(number);
        async move { Ok::<_, Error>(user_by_email(&mut transaction, "a@b.c").await?) }
    };
    bodies! {
        "one user": [ours.by_email("a@b.c"), ours.by_email("a@b.c")] => 1,
        "two users": [ours.by_email("a@b.c"), ours.by_email("d@e.f")] => 2,
        "two databases": [ours.by_email("a@b.c"), theirs.by_email("a@b.c")] => 2,
        "in transactions": [ours.by_email("a@b.c"), in_transaction(1), in_transaction(1)] => 3,
    }
}

#[test]
fn due_in_a_transaction() {
    let [ours, _] = users();
    let due = |number| {
        let mut transaction = ours.pool.begin(number);
        async move { due(&mut transaction, Uuid(7)).await }
    };
    bodies! {
        "two transactions": [due(1), due(2)] => 2,
    }
}

#[test]
fn users_by_ids() {
    let [ours, theirs] = users();
    let [one, two] = [&[Uuid(1)][..], &[Uuid(1), Uuid(2)]];
    bodies! {
        "the same": [ours.by_ids(two), ours.by_ids(two)] => 1,
        "some of them": [ours.by_ids(one), ours.by_ids(two)] => 2,
        "two databases": [ours.by_ids(one), theirs.by_ids(one)] => 2,
    }
}
