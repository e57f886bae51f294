//! Keys whose responses could not be shared a while ago: those who ask for them next are not made to
//! wait for each other.
//!
//! A table of fixed size, indexed by a hash that nobody outside knows: a place has the key that was
//! remembered there last, by another part of its hash. What is lost or mistaken costs a shared
//! response, and never shares one. Where there is no clock, nothing is remembered.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use coalesce_runtime::private::{Instant, now};

const PLACES: usize = 1024;
/// The bits of a place that say until when, in milliseconds; the others are the key's.
const UNTIL: u64 = (1 << 40) - 1;

#[derive(Debug)]
pub(crate) struct Memory {
    span: Duration,
    hasher: RandomState,
    /// Made when there is something to remember.
    table: OnceLock<Table>,
}

#[derive(Debug)]
struct Table {
    epoch: Instant,
    places: Box<[AtomicU64]>,
}

impl Memory {
    pub(crate) fn new(span: Duration) -> Self {
        Self {
            span,
            hasher: RandomState::new(),
            table: OnceLock::new(),
        }
    }

    pub(crate) fn hash<K: Hash>(&self, key: &K) -> u64 {
        self.hasher.hash_one(key)
    }

    pub(crate) fn remember(&self, hash: u64) {
        let Some(now) = now() else {
            return;
        };
        let table = self.table.get_or_init(|| Table {
            epoch: now,
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        });
        let until = millis((now - table.epoch).saturating_add(self.span));
        table.place(hash).store(hash & !UNTIL | until, Relaxed);
    }

    pub(crate) fn remembers(&self, hash: u64) -> bool {
        self.table.get().is_some_and(|table| {
            let place = table.place(hash).load(Relaxed);
            place & !UNTIL == hash & !UNTIL && millis(table.epoch.elapsed()) < place & UNTIL
        })
    }
}

impl Table {
    fn place(&self, hash: u64) -> &AtomicU64 {
        &self.places[hash as usize % PLACES]
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(UNTIL, |millis| millis.min(UNTIL))
}
