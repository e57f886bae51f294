//! The table of `table.rs` for loom, to which a DashMap's own locks are invisible: one shard, under a lock
//! of loom's, over what is found by looking at all of it.

use std::{
    fmt,
    hash::{DefaultHasher, Hasher},
};

use crate::sync::{Mutex, MutexGuard};

/// The same for equal keys in each run.
pub(crate) fn hash(feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(&mut hasher);
    hasher.finish()
}

pub(crate) struct Table<E, M> {
    entries: Mutex<Vec<(u64, E)>>,
    marks: [M; 1],
}

impl<E, M: Default> Table<E, M> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Mutex::new(Vec::new()),
            marks: Default::default(),
        }
    }

    pub(crate) fn lock(&self, _hash: u64) -> Shard<'_, E, M> {
        Shard {
            entries: self.entries.lock().unwrap(),
            marks: &self.marks[0],
        }
    }

    pub(crate) fn shards(&self) -> impl Iterator<Item = Shard<'_, E, M>> {
        [self.lock(0)].into_iter()
    }

    pub(crate) fn marks(&self) -> &[M] {
        &self.marks
    }

    pub(crate) fn marks_of(&self, _hash: u64) -> &M {
        &self.marks[0]
    }
}

impl<E, M> fmt::Debug for Table<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}

pub(crate) struct Shard<'t, E, M> {
    entries: MutexGuard<'t, Vec<(u64, E)>>,
    pub(crate) marks: &'t M,
}

impl<E, M> Shard<'_, E, M> {
    pub(crate) fn find(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<&mut E> {
        let found = self
            .entries
            .iter_mut()
            .find(|(h, entry)| *h == hash && is(entry))?;
        Some(&mut found.1)
    }

    pub(crate) fn insert(&mut self, hash: u64, entry: E) {
        self.entries.push((hash, entry));
    }

    pub(crate) fn remove(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<E> {
        let index = self
            .entries
            .iter()
            .position(|(h, entry)| *h == hash && is(entry))?;
        Some(self.entries.swap_remove(index).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
