//! What the program shows, and the tests check: one query of three fields, and a herd of queries while the
//! backend is down.

use std::{
    io,
    time::{Duration, Instant},
};

use async_graphql::Value;
use futures::future::join_all;
use tokio::{net::TcpSocket, task};

use crate::{
    backend::{Backend, Call},
    connections::{Connections, Target},
    gateway::{Gateway, Sharing},
};

/// Three fields, two users.
pub const THREE_FIELDS: &str = r#"{ user1: getUser(id: "1") {name} user2: getUser(id: "2") {name} user3: getUser(id: "1") {name} }"#;

/// One query's answer, and what it cost.
#[derive(Debug)]
pub struct ThreeFields {
    /// The answer.
    pub answer: Value,
    /// The gRPC calls that the backend saw.
    pub calls: Vec<Call>,
}

/// Asks for three fields of two users. The backend answers when it has been asked for both.
pub async fn three_fields(sharing: Sharing) -> io::Result<ThreeFields> {
    let (backend, address) = Backend::start(2).await?;
    let gateway = Gateway::new(address, sharing);
    let answer = gateway.query(None, THREE_FIELDS).await;
    let answer = answer
        .into_result()
        .map_err(|errors| io::Error::other(format!("{errors:?}")))?;
    Ok(ThreeFields {
        answer: answer.data,
        calls: backend.calls(),
    })
}

/// How the backend is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// Its host is there and refuses connections, at once.
    Refused,
    /// Its host is gone, and connections time out.
    Silent,
}

/// How a herd of queries failed.
#[derive(Debug)]
pub struct BackendDown {
    /// What each query was told.
    pub errors: Vec<String>,
    /// The calls that were made, by the count of the group that shares them.
    pub calls: u64,
    /// The attempts to connect.
    pub attempts: usize,
    /// From the first query to the last answer.
    pub elapsed: Duration,
}

/// Has that many clients, a task each, ask for one user while the backend is down.
///
/// The first attempt to connect is held up until all have asked: so they overlap.
pub async fn backend_down(
    outage: Outage,
    sharing: Sharing,
    queries: usize,
) -> io::Result<BackendDown> {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let target = match outage {
        Outage::Refused => Target::Open(socket.local_addr()?),
        Outage::Silent => Target::Silent,
    };
    let gateway = Gateway::over(Connections::new(target), sharing);

    let start = Instant::now();
    gateway.connections().hold(true);
    let clients: Vec<_> = (0..queries)
        .map(|_| {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.query(None, r#"{ getUser(id: "1") {name} }"#).await })
        })
        .collect();
    let stats = || match sharing {
        Sharing::Channel => gateway.channel(),
        Sharing::Nowhere | Sharing::Resolver => gateway.resolver(),
    };
    // Until each of them is a call, or waits for one.
    while stats().bodies() + stats().waiting < queries as u64 {
        task::yield_now().await;
    }
    gateway.connections().hold(false);
    let answers = join_all(clients).await;
    let elapsed = start.elapsed();

    let errors = answers.into_iter().map(|answer| {
        let errors = answer.map_err(io::Error::other)?.errors;
        Ok(errors.into_iter().map(|error| error.message).collect())
    });
    Ok(BackendDown {
        errors: errors.collect::<io::Result<_>>()?,
        calls: stats().bodies(),
        attempts: gateway.connections().attempts(),
        elapsed,
    })
}
