//! Clients that ask at the same moment.

use std::io;

use async_graphql::Response;
use futures::future::join_all;
use tokio::task::yield_now;

use crate::{
    backend::{Backend, Mood},
    gateway::Gateway,
};

/// Has a client, a task of its own, ask each of these while the backend is slow. When each of them has been answered, is
/// a call that waits at the backend, or waits for the call of another, the backend is in this mood, and the rest is
/// answered.
pub async fn herd(
    gateway: &Gateway,
    backend: &Backend,
    queries: impl IntoIterator<Item = &str>,
    mood: Mood,
) -> io::Result<Vec<Response>> {
    backend.be(Mood::Slow);
    let before = backend.calls().len();
    let clients: Vec<_> = queries
        .into_iter()
        .map(|query| {
            let (gateway, query) = (gateway.clone(), query.to_owned());
            tokio::spawn(async move { gateway.query(None, &query).await })
        })
        .collect();
    let gathered = || {
        let answered = clients.iter().filter(|client| client.is_finished()).count();
        let waiting = gateway.resolver().waiting + gateway.channel().waiting;
        let calls = backend.calls().len() - before;
        answered + waiting as usize + calls == clients.len()
    };
    while !gathered() {
        yield_now().await;
    }
    backend.be(mood);
    let answers = join_all(clients).await.into_iter();
    answers
        .map(|answer| answer.map_err(io::Error::other))
        .collect()
}
