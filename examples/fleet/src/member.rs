//! A process of the service: it has one expensive question, as any other would.

use std::{env, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use coalesced::{
    cluster::{Cluster, Redis},
    coalesce,
};
use servers::{Result, child, http};
use tokio::select;

static FLEET: Cluster = Cluster::new("fleet");

/// The whole of coalescing, in this process and across. The key is what makes two requests the same.
#[coalesce(cluster = FLEET, name = "row", skip(database))]
async fn row(database: SocketAddr, key: u32) -> Result<String> {
    let answer = http::get(database, &format!("/rows/{key}")).await?;
    Ok(answer.into_body())
}

/// Until the parent is gone. Without a prefix it is for itself.
pub(crate) async fn serve(database: SocketAddr, prefix: Option<String>) -> Result<()> {
    if let Some(prefix) = prefix {
        let url = env::var("REDIS_URL").map_err(|error| format!("REDIS_URL: {error}"))?;
        let place = Redis::at(&url).map_err(|error| error.to_string())?;
        FLEET
            .connect(place.prefix(prefix))
            .map_err(|error| error.to_string())?;
    }
    let app = Router::new()
        .route("/rows/{key}", get(answer))
        .route("/calls", get(calls))
        .route("/local", get(local))
        .route("/connected", get(connected))
        .with_state(database);
    let (listener, address) = http::listen()?;
    child::ready(address);
    let served = select! {
        served = axum::serve(listener, app) => served.map_err(|error| error.to_string()),
        () = child::dismissed() => Ok(()),
    };
    FLEET.close().await;
    served
}

async fn answer(
    State(database): State<SocketAddr>,
    Path(key): Path<u32>,
) -> Result<String, (StatusCode, String)> {
    let row = row(database, key).await;
    row.map_err(|error| (StatusCode::BAD_GATEWAY, error))
}

/// How many calls have started: each leads or follows already.
async fn calls() -> String {
    FLEET.calls().stats().calls.to_string()
}

/// How many flights were not shared with the other processes, since the Redis was away, or slow.
async fn local() -> String {
    FLEET.stats().local.to_string()
}

/// As long a Redis that is back may not be noticed: it is looked for every half a minute at last.
const NOTICED: Duration = Duration::from_secs(60);

/// A readiness probe.
async fn connected() -> Result<(), (StatusCode, String)> {
    if FLEET.connected(NOTICED).await {
        return Ok(());
    }
    let health = format!("{:?}", FLEET.health());
    Err((StatusCode::SERVICE_UNAVAILABLE, health))
}
