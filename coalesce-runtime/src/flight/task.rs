//! The task of a spawned body, as its flight knows it.
//!
//! The caller that spawned it *owns* it. A flight can have another owner before the last one has gone: its body
//! failed (`share = ok`), or its runtime ended, and who took over has spawned its own. So owners have numbers, and
//! one that is not the last says nothing.

use crate::{
    flight::{
        Flight,
        map::{Entry, FlightMap},
        table::Shard,
    },
    task::AbortHandle,
    watch::counters::Marks,
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
#[must_use = "it is to be aborted, outside the lock"]
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

    /// The task to be aborted, if its owner does not wait for it, and no follower.
    pub(crate) fn orphan(&mut self, has_no_follower: bool) -> Orphan {
        let is_orphan = !self.owned && has_no_follower;
        Orphan(is_orphan.then(|| self.handle.take()).flatten())
    }
}

/// The caller that spawned the body of a flight, until it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    ticket: u64,
    number: u64,
}

impl<K> FlightMap<K> {
    /// The flight with this ticket has a new owner, its leader, who is about to spawn its body.
    pub(crate) fn own(&self, hash: u64, ticket: u64) -> Owner {
        let mut shard = self.table.lock(hash);
        let Some(entry) = shard.find(hash, |entry| entry.is(ticket)) else {
            unreachable!("a leader's flight stays in the map until it ends")
        };
        let task = &mut entry.flight.get_or_make().task;
        task.owners += 1;
        task.owned = true;
        let number = task.owners;
        // The last body's, which is gone; what is left of it may be the user's.
        let gone = task.handle.take();
        drop(shard);
        drop(gone);
        Owner { ticket, number }
    }

    /// The task of its body is there, to be aborted when nobody waits for it.
    pub(crate) fn spawned(&self, hash: u64, owner: Owner, handle: AbortHandle) {
        let mut shard = self.table.lock(hash);
        if let Some(flight) = Self::owned(&mut shard, hash, owner) {
            flight.task.handle = Some(handle);
            return;
        }
        drop(shard);
        drop(handle);
    }

    /// The owner of a flight goes.
    pub(crate) fn disown(&self, hash: u64, owner: Owner) {
        let mut shard = self.table.lock(hash);
        let Some(flight) = Self::owned(&mut shard, hash, owner) else {
            return;
        };
        flight.task.owned = false;
        let orphan = flight.orphan();
        drop(shard);
        orphan.abort();
    }

    /// The flight, if it is there and this is its last owner.
    fn owned<'s>(
        shard: &'s mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        owner: Owner,
    ) -> Option<&'s mut Flight> {
        let entry = shard.find(hash, |entry| entry.is(owner.ticket))?;
        let flight = entry.flight.get_mut()?;
        (flight.task.owners == owner.number).then_some(flight)
    }
}
