//! The entries of one shard, behind its lock, found by a hash that is made once.
//!
//! They are what is inside a `DashMap`'s shard, its lock and its table: an entry keeps its hash, so that neither
//! finding, removing, growing nor moving runs any code of the user's but `Eq`.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    mem,
    sync::LazyLock,
};

use dashmap::{RwLock, RwLockWriteGuard};
use hashbrown::raw::RawTable;
use siphasher::sip::SipHasher13;

/// The hash of a key, keyed by this process: keys are request data. It is the function that std hashes with, in half the
/// instructions for a number.
#[inline]
pub(crate) fn hash(feed: impl FnOnce(&mut SipHasher13)) -> u64 {
    static KEYS: LazyLock<[u64; 2]> =
        LazyLock::new(|| [0, 1].map(|n| RandomState::new().hash_one(n)));
    let [one, other] = *KEYS;
    let mut hasher = SipHasher13::new_with_keys(one, other);
    feed(&mut hasher);
    hasher.finish()
}

pub(crate) struct Entries<E>(RwLock<RawTable<(u64, E)>>);

impl<E> Entries<E> {
    pub(crate) fn new() -> Self {
        Self(RwLock::new(RawTable::new()))
    }

    /// Unless another thread has them.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Locked<'_, E>> {
        self.0.try_write().map(Locked)
    }

    pub(crate) fn lock(&self) -> Locked<'_, E> {
        Locked(self.0.write())
    }
}

pub(crate) struct Locked<'s, E>(RwLockWriteGuard<'s, RawTable<(u64, E)>>);

impl<E> Locked<'_, E> {
    pub(crate) fn find(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<&mut E> {
        let (_, entry) = self.0.get_mut(hash, |(h, e)| *h == hash && is(e))?;
        Some(entry)
    }

    pub(crate) fn insert(&mut self, hash: u64, entry: E) {
        self.0.insert(hash, (hash, entry), |(hash, _)| *hash);
    }

    #[must_use = "an entry's destructor must not run under the shard's lock"]
    pub(crate) fn remove(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<E> {
        let (_, entry) = self.0.remove_entry(hash, |(h, e)| *h == hash && is(e))?;
        self.sweep();
        Some(entry)
    }

    /// Takes back the places that removals have used up, once the table is empty: else it may grow when it is
    /// filled again (`stress::a_hundred_thousand_keys_cancelled_in_flight`). A removal uses its place up only
    /// where a table is crowded, so this is seldom, and no dearer than what went before.
    #[inline]
    fn sweep(&mut self) {
        let places = self.0.buckets() / 8 * 7;
        if self.0.is_empty() && self.0.capacity() < places {
            self.0.clear_no_drop();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        // SAFETY: the entries outlive the iterator, since it borrows what is locked.
        unsafe { self.0.iter() }.map(|bucket| {
            // SAFETY: the same; and the lock keeps the entry as it is.
            let (_, entry) = unsafe { bucket.as_ref() };
            entry
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes all of them out, each with its hash.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (u64, E)> + use<E> {
        mem::replace(&mut *self.0, RawTable::new()).into_iter()
    }
}
