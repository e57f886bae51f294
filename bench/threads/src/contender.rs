//! Ways of making a call that nobody joins.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use coalesced::{Group, coalesce};
use dashmap::DashMap;

/// A way of making a call.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) call: fn(u64) -> u64,
}

/// The first is the limit.
pub(crate) const CONTENDERS: &[Contender] = &[
    Contender {
        name: "DashMap, insert and remove",
        call: |id| {
            map().insert(id, id);
            map().remove(&id).map_or(0, |(_, id)| id)
        },
    },
    Contender {
        name: "#[coalesce]",
        call: |id| poll(hidden(id)),
    },
    Contender {
        name: "#[coalesce(group = app.calls)]",
        call: |id| poll(of_an_owner(app(), id)),
    },
];

fn map() -> &'static DashMap<u64, u64> {
    static MAP: std::sync::LazyLock<DashMap<u64, u64>> = std::sync::LazyLock::new(DashMap::new);
    &MAP
}

struct App {
    calls: Group<u64, u64>,
}

fn app() -> &'static App {
    static APP: App = App {
        calls: Group::new(),
    };
    &APP
}

#[coalesce]
async fn hidden(id: u64) -> u64 {
    id
}

#[coalesce(group = app.calls, key = id)]
async fn of_an_owner(app: &App, id: u64) -> u64 {
    let _ = app;
    id
}

fn poll<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nobody else has its key"),
    }
}
