//! The database: it counts queries, each of which takes a while, and it has a gate.
//!
//! Before the gate is open queries are counted but not answered. So no flight lands while requests are still on
//! their way, and the number of queries does not depend on how fast anything is.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::sleep};

use crate::Result;

const QUERY: Duration = Duration::from_millis(30);

pub(crate) struct Database {
    address: SocketAddr,
    queries: Arc<AtomicUsize>,
    gate: watch::Sender<bool>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Tables {
    queries: Arc<AtomicUsize>,
    gate: watch::Receiver<bool>,
}

impl Database {
    pub(crate) async fn start() -> Result<Self> {
        let queries = Arc::default();
        let (gate, watched) = watch::channel(false);
        let tables = Tables {
            queries: Arc::clone(&queries),
            gate: watched,
        };
        let app = Router::new()
            .route("/rows/{key}", get(query))
            .with_state(tables);
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(|error| format!("can't listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let server = tokio::spawn(async move {
            // It never returns.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            queries,
            gate,
            server,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn open(&self) {
        self.gate.send_replace(true);
    }

    pub(crate) fn queries(&self) -> usize {
        self.queries.load(Relaxed)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn query(State(mut tables): State<Tables>, Path(key): Path<u32>) -> String {
    tables.queries.fetch_add(1, Relaxed);
    // Where the gate itself is gone nobody waits for the answer.
    let _ = tables.gate.wait_for(|&open| open).await;
    sleep(QUERY).await;
    content(key)
}

/// The right answer.
pub(crate) fn content(key: u32) -> String {
    format!("the row of {key}")
}
