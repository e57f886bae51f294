//! A service with a database and a registry of its own, in the test's process.

#![allow(dead_code, unused_imports, reason = "not every test needs all of it")]

mod client;
mod database;

use std::io;

use axum_service::{articles::Articles, serve};
use coalesced::Registry;
use metrics_exporter_prometheus::PrometheusBuilder;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) use client::Client;
pub(crate) use database::{CONNECTIONS, Database};

pub(crate) struct Service {
    pub(crate) client: Client,
    pub(crate) articles: Articles,
    pub(crate) calls: Registry,
    pub(crate) database: &'static Database,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) serving: JoinHandle<io::Result<()>>,
    _directory: TempDir,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let (database, pool, directory) = Database::open().await;
        let calls = Registry::new();
        let articles = Articles::new(pool, calls.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client(listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        // Not installed: the process has one recorder, and many tests.
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let serving = serve(listener, articles.clone(), metrics, async {
            stopped.await.unwrap();
        });
        Self {
            client,
            articles,
            calls,
            database,
            stop,
            serving: tokio::spawn(serving),
            _directory: directory,
        }
    }
}
