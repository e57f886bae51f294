//! An instance: a web service with one expensive question, as any other would be.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use coalesced::coalesce;
use servers::{Result, child, http};
use tokio::select;

/// The whole of coalescing. Which instance it is does not matter here, nor that there are others.
#[coalesce(skip(database))]
async fn row(database: SocketAddr, key: u32) -> Result<String> {
    let answer = http::get(database, &format!("/rows/{key}")).await?;
    Ok(answer.into_body())
}

/// Until the parent is gone.
pub(crate) async fn serve(database: SocketAddr, alone: bool) -> Result<()> {
    coalesced::set_enabled(!alone);
    let app = Router::new()
        .route("/rows/{key}", get(answer))
        .route("/calls", get(calls))
        .with_state(database);
    let (listener, address) = http::listen()?;
    child::ready(address);
    select! {
        served = axum::serve(listener, app) => served.map_err(|error| error.to_string()),
        () = child::dismissed() => Ok(()),
    }
}

async fn answer(
    State(database): State<SocketAddr>,
    Path(key): Path<u32>,
) -> Result<String, (StatusCode, String)> {
    let row = row(database, key).await;
    row.map_err(|error| (StatusCode::BAD_GATEWAY, error))
}

/// How many calls have started: each leads, follows or runs alone already.
async fn calls() -> String {
    let calls: u64 = coalesced::groups()
        .iter()
        .map(|group| group.stats().calls)
        .sum();
    calls.to_string()
}
