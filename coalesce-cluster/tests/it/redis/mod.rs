//! What is promised about the engine, on real servers: each test starts its own, on a free port, and stops it. Here
//! time is real.

mod away;
mod calls;
mod commands;
mod large;
mod processes;
mod refused;
mod scene;
mod scripts;
mod server;
#[cfg(feature = "redis-tls")]
mod tls;

use std::time::{Duration, Instant};

use coalesce_cluster::Health;

use self::server::Server;
use crate::support::{Caller, Process};

/// Has it wait, with so many members in all: a member's thread needs a while to ask.
async fn waits(server: &Server, caller: &mut Caller<u64>, waiters: u64) {
    caller.asks().await;
    let mut waiting = 0;
    until(|| {
        waiting = server
            .keys()
            .iter()
            .filter(|key| key.contains(":w:"))
            .map(|key| server.count("SCARD", key))
            .sum();
        waiting >= waiters
    })
    .await;
}

/// Waits until a process says this about the server.
async fn says(process: Process, what: &str) {
    let limit = Instant::now() + Duration::from_secs(5);
    loop {
        let health = process.cluster.health();
        if format!("{health:?}").contains(what) {
            return;
        }
        assert!(Instant::now() < limit, "{health:?}, not {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Waits for what can only be seen by looking.
async fn until(mut seen: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !seen() {
        assert!(Instant::now() < limit, "it does not happen");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn is_away(process: Process) {
    until(|| matches!(process.cluster.health(), Health::Away(_))).await;
}

async fn is_connected(process: Process) {
    until(|| process.cluster.health() == Health::Connected).await;
}
