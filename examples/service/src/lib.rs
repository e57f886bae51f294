//! A shop's web service with `coalesced` in it, and a page that shows it at work.
//!
//! 1. [`cli`](cli::Args) says where to listen; a [`database`](database::Database) with some hundred
//!    thousand sales is made if it isn't there.
//! 2. The [`shop`] is the service itself: three methods with the attribute, and a write; and a [`report`] behind the HTTP
//!    layer. With others it is in a [`cluster`], of [`members`] that it starts, or that somebody else did.
//! 3. Around it is what a service has anyway: [`metrics`], traces of requests, a [`switch`] that turns
//!    coalescing off and on at run time, and a [`shutdown`] that lets requests end.
//! 4. The [`page`] at `/` shows the [`history`] of the last minute, and is where a [`load`] of identical
//!    requests is started.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "a program: who reads it has all of it"
)]

mod cli;
mod cluster;
mod controls;
mod database;
mod error;
mod failure;
mod history;
mod latency;
mod listen;
mod live;
pub mod load;
mod member;
mod members;
mod metrics;
mod page;
mod report;
mod rows;
mod running;
mod shop;
mod shutdown;
mod statements;
mod switch;
mod writes;

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
    cli::{Args, Task},
    controls::Controls,
    database::Database,
    history::History,
    latency::Latencies,
    live::Sources,
    member::Member,
    members::Processes,
    metrics::Metrics,
    report::Report,
    shop::Shop,
    shutdown::Shutdown,
    switch::Switch,
};

/// The whole program, until it is told to stop.
///
/// # Errors
///
/// One sentence for whoever started it.
pub fn run() -> Result<(), Failure> {
    let task = Task::from_env()?;
    if let Task::Help = task {
        print!("{}", cli::HELP);
        return Ok(());
    }
    log()?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format!("can't start threads: {error}; raise the limits")))?;
    match task {
        Task::Help => Ok(()),
        Task::Serve(args) => runtime.block_on(serve(args)),
        Task::Redis => runtime
            .block_on(servers::store::serve(None))
            .map_err(Failure::new),
    }
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
    let database = Database::open(&args.database).await?;
    let shop = Shop::new(database.clone());
    shop.warm_up()
        .await
        .map_err(|error| Failure::new(format!("the database can't be asked: {error}")))?;
    let (mut processes, mut redis) = (Processes::default(), args.redis);
    if args.members > 1 {
        let started = Processes::start(args.members - 1, redis, &args.database).await?;
        (processes, redis) = (started.0, Some(started.1));
    }
    if let Some(url) = &redis {
        cluster::join(url)?;
    }
    let members = processes.members();
    let report = Arc::new(Report::new(metrics.clone()));
    let switch = Arc::new(Switch);
    let latencies = Arc::new(Latencies::new(Arc::clone(&switch)));
    let history = History::start(shop.clone(), Arc::clone(&switch), Arc::clone(&latencies));
    let controls = Arc::new(Controls::new(
        address,
        Arc::clone(&switch),
        Arc::clone(&history),
        Arc::clone(&report),
        members.clone(),
    ));
    let member = Member {
        address,
        database: database.clone(),
    };
    let app = Router::new()
        .merge(shop::routes(shop.clone(), &latencies))
        .merge(report.routes(database))
        .merge(member::routes(member.clone()))
        .merge(controls::routes(Arc::clone(&controls)))
        .merge(live::routes(Sources {
            switch,
            latencies,
            history,
            controls: Arc::clone(&controls),
            shop,
            report,
            member,
            members,
        }))
        .merge(metrics.routes())
        .merge(page::routes());

    let shutdown = Shutdown::on_signal(args.is_child)?;
    // Whoever started it may wait for this line; the rest is log.
    if args.is_child {
        servers::child::ready(address);
    } else {
        let mut stdout = io::stdout();
        let _ = writeln!(stdout, "http://{address}").and_then(|()| stdout.flush());
        info!("open http://{address} in a browser; Ctrl-C stops the service");
    }
    let served = shutdown
        .serve(listener, app, move || controls.stop_load())
        .await;
    // When requests have ended: nobody waits for the leases of this process then.
    cluster::SHOP.close().await;
    processes.end().await;
    served
}
