//! The task of a spawned body, as its flight knows it.
//!
//! The caller that spawned it *owns* it. A flight can have another owner before the last one has gone: its body
//! failed (`share = ok`), or its runtime ended, and who took over has spawned its own. So owners have numbers, and
//! one that is not the last says nothing.

use std::sync::Arc;

use crate::{
    flight::{
        Flight,
        map::FlightMap,
        stage::{Stage, Staged},
    },
    task::AbortHandle,
};

#[derive(Debug)]
pub(crate) struct Task {
    /// How many owners there were.
    owners: u64,
    /// Whether the last one waits for it.
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
        owners: 0,
        owned: false,
        handle: None,
    };

    /// The task to be aborted, if nobody waits for it any more.
    pub(crate) fn orphan(&mut self, staged: &Staged) -> Orphan {
        let is_orphan = !self.owned && staged.get() == (Stage::Led, 0);
        Orphan(is_orphan.then(|| self.handle.take()).flatten())
    }
}

/// The caller that spawned the body of a flight, until it goes.
pub(crate) struct Owner {
    flight: Arc<Flight>,
    number: u64,
}

impl Owner {
    /// The body's task is there, to be aborted when nobody waits for it.
    pub(crate) fn spawned(&self, task: AbortHandle) {
        let mut list = self.flight.list();
        if list.task.owners == self.number {
            list.task.handle = Some(task);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let mut list = self.flight.list();
        if list.task.owners != self.number {
            return;
        }
        list.task.owned = false;
        let orphan = list.task.orphan(&self.flight.staged);
        drop(list);
        orphan.abort();
    }
}

impl<K> FlightMap<K> {
    /// The flight with this ticket has a new owner, its leader, who is about to spawn its body.
    pub(crate) fn own(&self, hash: u64, ticket: u64) -> Option<Owner> {
        let mut shard = self.table.lock(hash);
        let flight = shard.find(hash, |entry| entry.is(ticket))?.flight.share();
        drop(shard);
        let mut list = flight.list();
        list.task.owners += 1;
        list.task.owned = true;
        let number = list.task.owners;
        // The last body's, which is gone; what is left of it may be the user's.
        let gone = list.task.handle.take();
        drop(list);
        drop(gone);
        Some(Owner { flight, number })
    }
}
