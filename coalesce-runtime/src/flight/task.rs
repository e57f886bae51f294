//! The task of a spawned body, as its flight knows it.

use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::flight::{
    Flight,
    map::FlightMap,
    stage::{Stage, Staged},
};

#[derive(Debug)]
pub(crate) struct Task {
    /// Whether the caller that spawned the body waits for it.
    owned: bool,
    /// The body's task, to be aborted when nobody waits any more.
    handle: Option<AbortHandle>,
}

/// The task of a body that nobody waits for any more.
#[must_use = "it is to be aborted, outside the flight's lock"]
pub(crate) struct Orphan(Option<AbortHandle>);

impl Orphan {
    pub(crate) fn abort(self) {
        if let Some(task) = self.0 {
            task.abort();
        }
    }
}

impl Task {
    pub(crate) const NONE: Self = Self {
        owned: false,
        handle: None,
    };

    /// The task to be aborted, if nobody waits for it any more.
    pub(crate) fn orphan(&mut self, staged: &Staged) -> Orphan {
        let is_orphan = !self.owned && staged.get() == (Stage::Led, 0);
        Orphan(is_orphan.then(|| self.handle.take()).flatten())
    }
}

impl Flight {
    /// The caller that leads it is about to spawn its body.
    pub(crate) fn own(&self) {
        let mut list = self.list();
        list.task.owned = true;
        list.task.handle = None;
    }

    /// The body's task is there.
    pub(crate) fn spawned(&self, task: AbortHandle) {
        self.list().task.handle = Some(task);
    }

    /// The caller that spawned the body goes.
    pub(crate) fn disown(&self) {
        let mut list = self.list();
        list.task.owned = false;
        let orphan = list.task.orphan(&self.staged);
        drop(list);
        orphan.abort();
    }
}

impl<K> FlightMap<K> {
    /// The flight with this ticket, whose leader is about to spawn its body.
    pub(crate) fn own(&self, hash: u64, ticket: u64) -> Option<Arc<Flight>> {
        let mut shard = self.table.lock(hash);
        let flight = shard.find(hash, |entry| entry.is(ticket))?.flight.share();
        flight.own();
        Some(flight)
    }
}
