//! What the page's buttons do.
//!
//! Only `POST` changes anything, and only with a body of JSON: a page of another origin can't send that
//! unasked. A service of yours would keep these behind a login, or on a port of their own.

use std::{
    fmt::Debug,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::{Deserialize, Serialize};
use servers::http;
use tokio::{sync::oneshot, task::JoinSet};
use tracing::{info, warn};

use crate::{
    history::History,
    load::Load,
    members::Members,
    report::{self, Reader, Report},
    switch::Switch,
};

const MOST_CONNECTIONS: usize = 256;

/// How many ask for the report together.
const READERS: usize = 8;

#[derive(Debug)]
pub(crate) struct Controls {
    server: SocketAddr,
    switch: Arc<Switch>,
    history: Arc<History>,
    report: Arc<Report>,
    members: Members,
    load: Mutex<Option<Running>>,
}

/// A load on a thread of its own, which ends when this is dropped.
#[derive(Debug)]
struct Running {
    connections: usize,
    thread: thread::JoinHandle<()>,
    _enough: oneshot::Sender<()>,
}

impl Controls {
    pub(crate) fn new(
        listening: SocketAddr,
        switch: Arc<Switch>,
        history: Arc<History>,
        report: Arc<Report>,
        members: Members,
    ) -> Self {
        let mut server = listening;
        if server.ip().is_unspecified() {
            server.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Self {
            server,
            switch,
            history,
            report,
            members,
            load: Mutex::new(None),
        }
    }

    /// How many connections ask.
    pub(crate) fn load(&self) -> usize {
        match &*self.running() {
            Some(load) if !load.thread.is_finished() => load.connections,
            _ => 0,
        }
    }

    pub(crate) fn stop_load(&self) {
        *self.running() = None;
    }

    fn start_load(&self, connections: usize) -> std::io::Result<()> {
        let mut running = self.running();
        let mut servers = vec![self.server];
        servers.extend(self.members.addresses());
        let load = Load {
            servers,
            connections,
        };
        let (enough, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new().name("load".into()).spawn(move || {
            info!("{connections} connections ask the same");
            let tally = runtime.block_on(load.run(async {
                let _ = ended.await;
            }));
            for reason in tally.broken {
                warn!("a connection of the load broke: {reason}");
            }
            info!("the load has ended after {} answers", tally.latencies.len());
        })?;
        *running = Some(Running {
            connections,
            thread,
            _enough: enough,
        });
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Deserialize)]
struct Wished {
    /// None stops the load.
    connections: usize,
}

async fn load(
    State(controls): State<Arc<Controls>>,
    Json(Wished { connections }): Json<Wished>,
) -> Response {
    if connections > MOST_CONNECTIONS {
        let most =
            format!("{connections} connections are too many; {MOST_CONNECTIONS} are allowed");
        return (StatusCode::UNPROCESSABLE_ENTITY, most).into_response();
    }
    if connections == 0 {
        controls.stop_load();
    } else if let Err(error) = controls.start_load(connections) {
        warn!("the load can't be started: {error}");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Debug, Deserialize, Serialize)]
struct Position {
    coalescing: bool,
}

async fn switch(
    State(controls): State<Arc<Controls>>,
    Json(position): Json<Position>,
) -> StatusCode {
    controls.switch.set(position.coalescing);
    controls.members.tell("/controls/switch", &position).await;
    StatusCode::NO_CONTENT
}

/// `{}`
#[derive(Debug, Deserialize, Serialize)]
struct Nothing {}

/// Nobody is held up by the flights of now: later calls open new ones.
async fn forget(State(controls): State<Arc<Controls>>, Json(nothing): Json<Nothing>) -> StatusCode {
    for group in coalesced::groups() {
        group.forget_all();
    }
    controls.members.tell("/controls/forget", &nothing).await;
    StatusCode::NO_CONTENT
}

async fn reset(State(controls): State<Arc<Controls>>, Json(nothing): Json<Nothing>) -> StatusCode {
    controls.history.reset();
    controls.report.reset();
    controls.members.tell("/controls/reset", &nothing).await;
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
struct Asked {
    reader: Reader,
}

/// Has the report asked for, by many at once.
async fn ask_for_report(
    State(controls): State<Arc<Controls>>,
    Json(Asked { reader }): Json<Asked>,
) -> StatusCode {
    let mut readers: JoinSet<_> = (0..READERS)
        .map(|_| http::send(controls.server, report::request(reader)))
        .collect();
    while let Some(answer) = readers.join_next().await {
        if let Ok(Err(error)) = answer {
            warn!("a reader got no report: {error}");
        }
    }
    StatusCode::NO_CONTENT
}

pub(crate) fn routes(controls: Arc<Controls>) -> Router {
    Router::new()
        .route("/controls/load", post(load))
        .route("/controls/switch", post(switch))
        .route("/controls/forget", post(forget))
        .route("/controls/reset", post(reset))
        .route("/controls/report", post(ask_for_report))
        .with_state(controls)
}
