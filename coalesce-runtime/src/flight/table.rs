//! A concurrent table of entries found by a hash that is made once.
//!
//! It is a `DashMap` used through its raw interface: an entry keeps its hash, so that neither
//! finding, removing nor growing runs any code of the user's but `Eq`. A group has few shards,
//! since there is one group a function and most are idle.

use std::{
    fmt,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher, RandomState},
    sync::LazyLock,
};

use dashmap::{DashMap, RwLockWriteGuard, SharedValue};
use hashbrown::raw::RawTable;

const SHARDS: usize = 4;

/// The map is given hashes, and makes none.
type Unused = BuildHasherDefault<DefaultHasher>;

/// The hash of a key, keyed by this process: keys are request data.
pub(crate) fn hash(feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    static KEYED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut hasher = KEYED.build_hasher();
    feed(&mut hasher);
    hasher.finish()
}

pub(crate) struct Table<E, M> {
    map: DashMap<u64, E, Unused>,
    /// One for each shard, guarded by the shard's lock.
    marks: Box<[M; SHARDS]>,
}

impl<E, M: Default> Table<E, M> {
    pub(crate) fn new() -> Self {
        Self {
            map: DashMap::with_hasher_and_shard_amount(Unused::default(), SHARDS),
            marks: Default::default(),
        }
    }

    /// Locks the shard that has the entries of this hash.
    pub(crate) fn lock(&self, hash: u64) -> Shard<'_, E, M> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "any bits of the hash will do"
        )]
        self.lock_shard(self.map.determine_shard(hash as usize))
    }

    /// Locks the shards one after the other.
    pub(crate) fn shards(&self) -> impl Iterator<Item = Shard<'_, E, M>> {
        (0..SHARDS).map(|index| self.lock_shard(index))
    }

    fn lock_shard(&self, index: usize) -> Shard<'_, E, M> {
        Shard {
            entries: self.map.shards()[index].write(),
            marks: &self.marks[index],
        }
    }

    /// The marks, for what may be read without a lock.
    pub(crate) fn marks(&self) -> &[M] {
        &*self.marks
    }

    /// The marks of the shard of this hash.
    pub(crate) fn marks_of(&self, hash: u64) -> &M {
        #[expect(clippy::cast_possible_truncation, reason = "as in `lock`")]
        &self.marks[self.map.determine_shard(hash as usize)]
    }
}

impl<E, M> fmt::Debug for Table<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}

/// A locked shard.
pub(crate) struct Shard<'t, E, M> {
    entries: RwLockWriteGuard<'t, RawTable<(u64, SharedValue<E>)>>,
    pub(crate) marks: &'t M,
}

impl<E, M> Shard<'_, E, M> {
    pub(crate) fn find(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<&mut E> {
        let (_, entry) = self
            .entries
            .get_mut(hash, |(h, e)| *h == hash && is(e.get()))?;
        Some(entry.get_mut())
    }

    pub(crate) fn insert(&mut self, hash: u64, entry: E) {
        self.entries
            .insert(hash, (hash, SharedValue::new(entry)), |(hash, _)| *hash);
    }

    #[must_use = "an entry's destructor must not run under the shard's lock"]
    pub(crate) fn remove(&mut self, hash: u64, mut is: impl FnMut(&E) -> bool) -> Option<E> {
        let (_, entry) = self
            .entries
            .remove_entry(hash, |(h, e)| *h == hash && is(e.get()))?;
        self.sweep();
        Some(entry.into_inner())
    }

    /// Takes back the places that removals have used up, once the table is empty: else it may grow when it is
    /// filled again (`stress::a_hundred_thousand_keys_cancelled_in_flight`). A removal uses its place up only
    /// where a table is crowded, so this is seldom, and no dearer than what went before.
    #[inline]
    fn sweep(&mut self) {
        let places = self.entries.buckets() / 8 * 7;
        if self.entries.is_empty() && self.entries.capacity() < places {
            self.entries.clear_no_drop();
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        // SAFETY: the entries outlive the iterator, since it borrows the shard and so its lock.
        unsafe { self.entries.iter() }.map(|bucket| {
            // SAFETY: the same; and the lock keeps the entry as it is.
            let (_, entry) = unsafe { bucket.as_ref() };
            entry.get()
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
