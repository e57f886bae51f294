//! `DATABASE_URL=sqlite:articles.db cargo run -p axum-service`

use std::{env, time::Duration};

use anyhow::Context as _;
use axum_service::{articles::Articles, serve};
use coalesced::Registry;
use metrics_exporter_prometheus::PrometheusBuilder;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::signal::{ctrl_c, unix};
use tokio::{net::TcpListener, select, time::sleep};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt::init();
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".into());
    let url = env::var("DATABASE_URL").context("set DATABASE_URL, as to sqlite:articles.db")?;

    // Before the first call, whose metrics would be lost.
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let upkeep = metrics.clone();
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });

    let options = url.parse::<SqliteConnectOptions>()?.create_if_missing(true);
    let pool = SqlitePool::connect_with(options.journal_mode(SqliteJournalMode::Wal)).await;
    let pool = pool.with_context(|| format!("can't open {url}"))?;
    let schema = sqlx::raw_sql(include_str!("schema.sql"));
    schema.execute(&pool).await?;
    let articles = Articles::new(pool, Registry::new());

    // Ctrl-C, or what service managers send.
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let stop = async move {
        select! { _ = ctrl_c() => {}, _ = terminate.recv() => {} }
    };
    let listener = TcpListener::bind(&address).await;
    let listener = listener.with_context(|| format!("can't listen on {address}"))?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    Ok(serve(listener, articles, metrics, stop).await?)
}
