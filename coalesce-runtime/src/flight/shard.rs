//! One shard of a table: its entries, what is counted beside them, and whether it is still in use.

use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};

use crate::{
    flight::entries::{Entries, Locked},
    watch::counters::{Guarded, Marks},
};

/// What is counted in a shard, and goes on where its entries go.
pub(crate) trait Marked: Default {
    /// How many calls came to this shard.
    fn calls(&self) -> u64;

    /// Goes on from those of the shard whose entries came here, of which there are so many: what numbers entries does,
    /// while what is summed up over all shards that ever were begins at nothing.
    fn go_on(&self, from: &Self, entries: u64);
}

impl Marked for Marks {
    fn calls(&self) -> u64 {
        self.led.get() + self.followed.get()
    }

    fn go_on(&self, from: &Self, entries: u64) {
        self.ticket.set(from.ticket.get());
        self.floor.set(from.floor.get());
        self.open.set(entries);
    }
}

/// After so many locks that were not got at once it is looked how many calls there were meanwhile.
pub(super) const MISSES: u64 = 64;

/// If one in so many calls had to wait, or more, that is often. A call takes the lock twice or so.
pub(super) const OFTEN: u64 = 16;

/// In two lines of memory of its own, one with the lock and the table, the other with the marks.
#[repr(align(128))]
pub(super) struct Slot<E, M> {
    pub(super) entries: Entries<E>,
    /// Set once, under the lock: the entries are in the next generation.
    moved: AtomicBool,
    /// How often the lock was not got at once, of late, and the calls before that. Guarded by the lock.
    missed: Guarded,
    since: Guarded,
    pub(super) marks: M,
}

impl<E, M: Marked> Slot<E, M> {
    pub(super) fn new() -> Self {
        Self {
            entries: Entries::new(),
            moved: AtomicBool::new(false),
            missed: Guarded::default(),
            since: Guarded::default(),
            marks: M::default(),
        }
    }

    /// Who has the lock knows; to others it is what was, and a moved shard stays so.
    #[inline]
    pub(super) fn is_moved(&self) -> bool {
        self.moved.load(Acquire)
    }

    /// Who has this lock did not get it at once; whether that happens often.
    pub(super) fn missed(&self) -> bool {
        if self.missed.next() + 1 < MISSES {
            return false;
        }
        let calls = self.marks.calls();
        let since = self.since.get();
        self.missed.set(0);
        self.since.set(calls);
        calls - since < MISSES * OFTEN
    }

    /// Moves its entries to these, each to the one that `which` says by its hash. Nobody comes to them before.
    pub(super) fn move_to(&self, children: &[Self], which: impl Fn(u64) -> usize) {
        let mut entries = self.entries.lock();
        let mut locked: Vec<_> = children.iter().map(|child| child.entries.lock()).collect();
        for (hash, entry) in entries.take() {
            locked[which(hash)].insert(hash, entry);
        }
        for (child, entries) in children.iter().zip(&locked) {
            child.marks.go_on(&self.marks, entries.len() as u64);
        }
        self.moved.store(true, Release);
    }
}

/// A locked shard.
pub(crate) struct Shard<'t, E, M> {
    pub(super) entries: Locked<'t, E>,
    pub(crate) marks: &'t M,
}

impl<E, M> Shard<'_, E, M> {
    pub(crate) fn find(&mut self, hash: u64, is: impl FnMut(&E) -> bool) -> Option<&mut E> {
        self.entries.find(hash, is)
    }

    pub(crate) fn insert(&mut self, hash: u64, entry: E) {
        self.entries.insert(hash, entry);
    }

    #[must_use = "an entry's destructor must not run under the shard's lock"]
    pub(crate) fn remove(&mut self, hash: u64, is: impl FnMut(&E) -> bool) -> Option<E> {
        self.entries.remove(hash, is)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.entries.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
