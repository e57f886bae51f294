//! The database: it counts queries, each of which takes a while, so many at a time; and it has a gate.
//!
//! Before the gate is open queries are counted but not answered. So no flight lands while requests are still on
//! their way, and the number of queries does not depend on how fast anything is.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{Result, http};

/// How long a query takes.
pub const QUERY: Duration = Duration::from_millis(30);

/// A database that is asked over HTTP, at `/rows/{key}`.
#[derive(Debug)]
pub struct Database {
    address: SocketAddr,
    tables: Tables,
    server: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct Tables {
    /// The key of each query, in the order in which they came.
    asked: Arc<Mutex<Vec<u32>>>,
    gate: watch::Sender<Gate>,
    connections: Arc<Semaphore>,
}

/// Which answers are given.
#[derive(Debug, Clone, Copy)]
enum Gate {
    Closed,
    OpenBut(u32),
    Open,
}

impl Database {
    /// One that runs so many queries at a time. Its gate is closed.
    ///
    /// # Errors
    ///
    /// If there is no port to be had.
    pub fn start(connections: usize) -> Result<Self> {
        let tables = Tables {
            asked: Arc::default(),
            gate: watch::Sender::new(Gate::Closed),
            connections: Arc::new(Semaphore::new(connections)),
        };
        let app = Router::new()
            .route("/rows/{key}", get(query))
            .with_state(tables.clone());
        let (listener, address) = http::listen()?;
        let server = tokio::spawn(async move {
            // It never returns.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            address,
            tables,
            server,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives all answers.
    pub fn open(&self) {
        self.tables.gate.send_replace(Gate::Open);
    }

    /// Gives all answers but those about this key.
    pub fn open_but(&self, key: u32) {
        self.tables.gate.send_replace(Gate::OpenBut(key));
    }

    /// Gives no answer any more.
    pub fn close(&self) {
        self.tables.gate.send_replace(Gate::Closed);
    }

    /// How many queries have come so far.
    pub fn queries(&self) -> usize {
        self.tables.asked().len()
    }

    /// How many of them were for this key.
    pub fn queries_for(&self, key: u32) -> usize {
        let asked = self.tables.asked();
        asked.iter().filter(|&&asked| asked == key).count()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Tables {
    fn asked(&self) -> MutexGuard<'_, Vec<u32>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn query(State(tables): State<Tables>, Path(key): Path<u32>) -> String {
    tables.asked().push(key);
    let mut gate = tables.gate.subscribe();
    // Neither the gate nor the connections go while somebody asks.
    let _ = gate
        .wait_for(|gate| match gate {
            Gate::Closed => false,
            Gate::OpenBut(held) => *held != key,
            Gate::Open => true,
        })
        .await;
    let _connection = tables.connections.acquire().await;
    sleep(QUERY).await;
    content(key)
}

/// The right answer.
pub fn content(key: u32) -> String {
    format!("the row of {key}")
}
