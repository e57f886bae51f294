//! The shop: three questions that are expensive to answer, and a write.
//!
//! Their flights are in one registry, which the shop owns. It goes across to other processes, where these are
//! connected to the [`cluster`]; else they are this process's.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    middleware,
    routing::{MethodRouter, get, post},
};
use coalesced::{AnyGroup, Registry, coalesce};
use serde::Deserialize;
use tower_http::trace::TraceLayer;

use crate::{
    cluster::{self, Across},
    database::{Database, Product},
    error::Error,
    latency::{self, Latencies},
    writes::{Writes, Written},
};

/// What the shared functions are called.
pub(crate) const FUNCTIONS: [&str; 3] = ["product", "search", "month"];

/// The registry's name.
pub(crate) const REGISTRY: &str = "shop";

/// Their groups; each has been called once, at the start.
pub(crate) fn groups() -> [AnyGroup; FUNCTIONS.len()] {
    let all = coalesced::groups();
    FUNCTIONS.map(|name| {
        let group = all.iter().find(|group| group.name() == name);
        group.cloned().expect("it has been called")
    })
}

#[derive(Debug, Clone)]
pub(crate) struct Shop {
    database: Database,
    /// Whose calls they are: one for all methods. So neither `self` nor the database is in a key.
    calls: Registry<Across>,
    writes: Arc<Writes>,
}

impl Shop {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            calls: Registry::new().named(REGISTRY).across(cluster::functions()),
            writes: Arc::default(),
        }
    }

    /// The key is `id` alone: nothing else decides what is answered, or who may see it.
    #[coalesce(registry = self.calls, name = "product")]
    async fn product(&self, id: u64) -> Result<Product, Error> {
        let id = i64::try_from(id).map_err(|_| Error::NotFound)?;
        self.database.product(id).await?.ok_or(Error::NotFound)
    }

    /// The key is `text`, compared as it is borrowed; only the caller who runs the query copies it.
    #[coalesce(registry = self.calls, name = "search")]
    async fn search(&self, text: &str) -> Result<Vec<Product>, Error> {
        Ok(self.database.search(text).await?)
    }

    #[coalesce(registry = self.calls, name = "month")]
    async fn best_of_month(&self, month: u32) -> Result<Vec<Product>, Error> {
        if !(1..=12).contains(&month) {
            return Err(Error::NotFound);
        }
        Ok(self.database.best_of(month).await?)
    }

    async fn set_price(&self, id: u64, cents: u32) -> Result<(), Error> {
        let row = i64::try_from(id).map_err(|_| Error::NotFound)?;
        if !self.database.set_price(row, cents.into()).await? {
            return Err(Error::NotFound);
        }
        // Now that it is committed: a flight that read the old price must not be joined any more, here or in another
        // process. Those learn it when the Redis is back, if it is away: no reason to fail, since the write is done.
        let forgotten = cluster::SHOP.forget_everywhere(self.product(id)).await;
        self.writes.count(forgotten == Ok(true));
        Ok(())
    }

    pub(crate) fn writes(&self) -> Written {
        self.writes.so_far()
    }

    /// Asks everything once: a group is listed, and shown on the page, from its first call on.
    pub(crate) async fn warm_up(&self) -> Result<(), Error> {
        self.product(1).await?;
        self.search("lamp").await?;
        self.best_of_month(1).await?;
        Ok(())
    }
}

async fn show(State(shop): State<Shop>, Path(id): Path<u64>) -> Result<Json<Product>, Error> {
    shop.product(id).await.map(Json)
}

#[derive(Debug, Deserialize)]
struct Search {
    text: String,
}

async fn find(
    State(shop): State<Shop>,
    Query(Search { text }): Query<Search>,
) -> Result<Json<Vec<Product>>, Error> {
    shop.search(&text).await.map(Json)
}

async fn best(
    State(shop): State<Shop>,
    Path(month): Path<u32>,
) -> Result<Json<Vec<Product>>, Error> {
    shop.best_of_month(month).await.map(Json)
}

#[derive(Debug, Deserialize)]
struct Price {
    cents: u32,
}

async fn set_price(
    State(shop): State<Shop>,
    Path(id): Path<u64>,
    Json(Price { cents }): Json<Price>,
) -> Result<StatusCode, Error> {
    // On a task of its own: a client that goes away must not have it written and not forgotten.
    let done = tokio::spawn(async move { shop.set_price(id, cents).await });
    done.await.expect("it does not panic")?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every request is traced, from its arrival to its answer, and those that ask are timed.
pub(crate) fn routes(shop: Shop, latencies: &Arc<Latencies>) -> Router {
    let [product, searched, month] = FUNCTIONS;
    let timed = |function: &'static str, handler: MethodRouter<Shop>| {
        let watched = (Arc::clone(latencies), function);
        handler.layer(middleware::from_fn_with_state(watched, latency::watch))
    };
    Router::new()
        .route("/products/{id}", timed(product, get(show)))
        .route("/products/{id}/price", post(set_price))
        .route("/search", timed(searched, get(find)))
        .route("/months/{month}", timed(month, get(best)))
        .layer(TraceLayer::new_for_http().on_request(()).on_eos(()))
        .with_state(shop)
}
