//! The entries of `entries.rs` for loom, to which a `DashMap`'s own locks are invisible: under a lock of loom's, found
//! by looking at all of them.

use std::{
    hash::{DefaultHasher, Hasher},
    mem,
};

use crate::sync::{Mutex, MutexGuard};

/// The same for equal keys in each run.
pub(crate) fn hash(feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(&mut hasher);
    hasher.finish()
}

pub(crate) struct Entries<E>(Mutex<Vec<(u64, E)>>);

impl<E> Entries<E> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Always: nobody gives up in a model, whose tables grow when they are told to.
    pub(crate) fn try_lock(&self) -> Option<Locked<'_, E>> {
        Some(self.lock())
    }

    pub(crate) fn lock(&self) -> Locked<'_, E> {
        Locked(self.0.lock().unwrap())
    }
}

pub(crate) struct Locked<'s, E>(MutexGuard<'s, Vec<(u64, E)>>);

impl<E> Locked<'_, E> {
    pub(crate) fn find(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<&mut E> {
        let found = self.0.iter_mut().find(|(h, e)| *h == hash && is(e))?;
        Some(&mut found.1)
    }

    pub(crate) fn insert(&mut self, hash: u64, entry: E) {
        self.0.push((hash, entry));
    }

    pub(crate) fn remove(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<E> {
        let index = self.0.iter().position(|(h, e)| *h == hash && is(e))?;
        Some(self.0.swap_remove(index).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.0.iter().map(|(_, entry)| entry)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn take(&mut self) -> impl Iterator<Item = (u64, E)> + use<E> {
        mem::take(&mut *self.0).into_iter()
    }
}
