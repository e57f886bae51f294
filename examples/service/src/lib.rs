//! A shop's web service with `coalesced` in it, and a page that shows it at work.
//!
//! 1. [`cli`](cli::Args) says where to listen; a [`database`](database::Database) with some hundred
//!    thousand sales is made if it isn't there.
//! 2. The [`shop`] is the service itself: three functions with the attribute, and a write.
//! 3. Around it is what a service has anyway: [`metrics`], traces of requests, a [`switch`] that turns
//!    coalescing off and on at run time, and a [`shutdown`] that lets requests end.
//! 4. The [`page`] at `/` shows the [`history`] of the last minute, and is where a [`load`] of identical
//!    requests is started.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "a program: who reads it has all of it"
)]

mod cli;
mod controls;
mod database;
mod error;
mod failure;
mod history;
mod latency;
mod listen;
mod live;
pub mod load;
mod metrics;
mod page;
mod rows;
mod shop;
mod shutdown;
mod statements;
mod switch;

use std::{
    env,
    io::{self, IsTerminal, Write},
    sync::Arc,
};

use axum::Router;
use tracing::info;
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

pub use crate::failure::Failure;
use crate::{
    cli::Args, controls::Controls, database::Database, history::History, latency::Latencies,
    live::Sources, metrics::Metrics, shop::Shop, shutdown::Shutdown, switch::Switch,
};

/// The whole program, until it is told to stop.
///
/// # Errors
///
/// One sentence for whoever started it.
pub fn run() -> Result<(), Failure> {
    let Some(args) = Args::from_env()? else {
        print!("{}", cli::HELP);
        return Ok(());
    };
    log()?;
    tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format!("can't start threads: {error}; raise the limits")))?
        .block_on(serve(args))
}

/// To stderr; stdout has the address alone. Each request and each shared call is a span, which is told at its
/// end: `RUST_LOG=tower_http=debug,coalesced=info` shows who led, who followed, and for how long.
fn log() -> Result<(), Failure> {
    let wish = env::var("RUST_LOG").unwrap_or_default();
    let wish = if wish.is_empty() {
        "info,coalesced=warn"
    } else {
        &wish
    };
    let filter = EnvFilter::try_new(wish).map_err(|error| {
        Failure::new(format!(
            "`{wish}` is no value for RUST_LOG: {error}; give a level like `info`, or `target=level`"
        ))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    Ok(())
}

async fn serve(args: Args) -> Result<(), Failure> {
    let listener = listen::on(args.address).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("can't tell where it listens: {error}")))?;
    let metrics = Metrics::install()?;
    let shop = Shop::new(Database::open(&args.database).await?);
    shop.warm_up()
        .await
        .map_err(|error| Failure::new(format!("the database can't be asked: {error}")))?;
    let switch = Arc::new(Switch);
    let latencies = Arc::new(Latencies::new(Arc::clone(&switch)));
    let history = History::start(Arc::clone(&switch), Arc::clone(&latencies));
    let controls = Arc::new(Controls::new(
        address,
        Arc::clone(&switch),
        Arc::clone(&history),
    ));
    let app = Router::new()
        .merge(shop::routes(shop, &latencies))
        .merge(controls::routes(Arc::clone(&controls)))
        .merge(live::routes(Sources {
            switch,
            latencies,
            history,
            controls: Arc::clone(&controls),
        }))
        .merge(metrics.routes())
        .merge(page::routes());

    let shutdown = Shutdown::on_signal()?;
    // Whoever started it may wait for this line; the rest is log.
    let mut stdout = io::stdout();
    let _ = writeln!(stdout, "http://{address}").and_then(|()| stdout.flush());
    info!("open http://{address} in a browser; Ctrl-C stops the service");
    shutdown
        .serve(listener, app, move || controls.stop_load())
        .await
}
