//! What the program shows of the breaker: herds that meet an outage, and one that meets its end.

use std::{io, time::Duration};

use async_graphql::Response;

use crate::{
    backend::{Backend, Mood},
    breaker::Breaker,
    gateway::{Gateway, Sharing},
    herd::herd,
};

/// So many failures in a row open the breaker.
pub const FAILURES: usize = 3;
/// So many herds, one after the other, meet the outage.
pub const HERDS: usize = 5;

/// What it took, and who was answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The calls that the backend saw in the outage.
    pub calls: usize,
    /// The clients that the open breaker turned away.
    pub turned_away: usize,
    /// The calls that it saw when the breaker was half open.
    pub probes: usize,
    /// The clients that were answered then, of one herd.
    pub answered: usize,
}

/// Has herds of so many clients ask for one user.
pub async fn recovery(sharing: Sharing, clients: usize) -> io::Result<Recovery> {
    let queries = || vec![r#"{ getUser(id: "1") {name} }"#; clients];
    let breaker = |open_for| Breaker {
        failures: FAILURES,
        open_for,
    };
    let turned_away = |answers: &[Response]| {
        let errors = answers.iter().flat_map(|answer| &answer.errors);
        errors
            .filter(|error| error.message.contains("circuit is open"))
            .count()
    };

    let (backend, address) = Backend::start(1).await?;
    let gateway = Gateway::guarded(address, sharing, breaker(Duration::from_secs(3600)));
    let mut away = 0;
    for _ in 0..HERDS {
        away += turned_away(&herd(&gateway, &backend, queries(), Mood::Down).await?);
    }
    let calls = backend.calls().len();

    // Half open as soon as it has opened.
    let (backend, address) = Backend::start(1).await?;
    let gateway = Gateway::guarded(address, sharing, breaker(Duration::ZERO));
    backend.be(Mood::Down);
    for _ in 0..FAILURES {
        gateway.query(None, queries()[0]).await;
    }
    let answers = herd(&gateway, &backend, queries(), Mood::Up).await?;
    Ok(Recovery {
        calls,
        turned_away: away,
        probes: backend.calls().len() - FAILURES,
        answered: answers.iter().filter(|answer| answer.is_ok()).count(),
    })
}
