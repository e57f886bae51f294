//! A registry of packages on diesel-async, with axum in front: a state that is a pointer, and a boxed error.

use crate::{
    network::bodies,
    stand_ins::diesel::{AsyncPgConnection, DieselError, Pool, QueryResult},
};
use axum::Json;
use coalesced::{CloneError, Registry, coalesce};
use std::{fmt, io, ops::Deref, sync::Arc};

/// Also for transactions, and so not shared.
async fn crate_downloads(conn: &AsyncPgConnection, crate_id: i32) -> QueryResult<(String, u64)> {
    let name = conn.load(format!("downloads of {crate_id}")).await?;
    Ok((name, 7))
}

/// What a registry's functions return.
type BoxedAppError = Box<dyn AppError>;

type AppResult<T> = Result<T, BoxedAppError>;

/// It was not `Sync`.
trait AppError: Send + Sync + fmt::Display + fmt::Debug + 'static {}

impl<E: std::error::Error + Send + Sync + 'static> AppError for E {}

impl From<DieselError> for BoxedAppError {
    fn from(error: DieselError) -> Self {
        Box::new(error)
    }
}

impl CloneError for BoxedAppError {
    fn clone_error(&self) -> Self {
        Box::new(io::Error::other(self.to_string()))
    }
}

struct App {
    database: Pool,
    calls: Registry,
}

#[derive(Clone)]
struct AppState(Arc<App>);

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
struct CratePath {
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
struct DownloadsQuery {
    include: Option<String>,
}

#[coalesce(registry = app.calls)]
async fn downloads(
    app: AppState,
    path: CratePath,
    params: DownloadsQuery,
) -> AppResult<Json<String>> {
    let conn = app.database.get().await?;
    let row = conn.load(format!("{path:?} {params:?}")).await?;
    Ok(Json(row))
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Krate {
    id: i32,
}

impl App {
    #[coalesce(registry = self.calls)]
    async fn downloads(&self, crate_id: i32) -> AppResult<(String, u64)> {
        let conn = self.database.get().await?;
        Ok(crate_downloads(&conn, crate_id).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn owners(&self, krate: &Krate) -> AppResult<Vec<String>> {
        let conn = self.database.get().await?;
        Ok(vec![conn.load(format!("owners of {}", krate.id)).await?])
    }
}

fn states() -> [AppState; 2] {
    ["ours", "theirs"].map(|name| {
        let calls = Registry::new();
        let database = Pool(name);
        AppState(Arc::new(App { database, calls }))
    })
}

#[test]
fn downloads_of_any_connection() {
    let [ours, theirs] = states();
    let in_transaction = |number| {
        let connection = ours.database.begin(number);
        async move { crate_downloads(&connection, 7).await }
    };
    bodies! {
        "one crate": [ours.downloads(7), ours.downloads(7)] => 1,
        "two crates": [ours.downloads(7), ours.downloads(8)] => 2,
        "two databases": [ours.downloads(7), theirs.downloads(7)] => 2,
        "in transactions": [ours.downloads(7), in_transaction(1), in_transaction(1)] => 3,
    }
}

#[test]
fn downloads_by_a_handler() {
    let [ours, theirs] = states();
    let of = |app: &AppState, name: &str, include: Option<&str>| {
        let [name, include] = [Some(name), include].map(|it| it.map(str::to_owned));
        let path = CratePath {
            name: name.unwrap_or_default(),
        };
        downloads(app.clone(), path, DownloadsQuery { include })
    };
    bodies! {
        "one crate": [of(&ours, "syn", None), of(&ours, "syn", None)] => 1,
        "two crates": [of(&ours, "syn", None), of(&ours, "quote", None)] => 2,
        "with more": [of(&ours, "syn", None), of(&ours, "syn", Some("versions"))] => 2,
        "two databases": [of(&ours, "syn", None), of(&theirs, "syn", None)] => 2,
    }
}

#[test]
fn owners_of_a_row() {
    let [ours, theirs] = states();
    let [syn, quote] = [7, 8].map(|id| Krate { id });
    bodies! {
        "one crate": [ours.owners(&syn), ours.owners(&syn)] => 1,
        "two crates": [ours.owners(&syn), ours.owners(&quote)] => 2,
        "two databases": [ours.owners(&syn), theirs.owners(&syn)] => 2,
    }
}
