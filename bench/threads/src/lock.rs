//! For how long a shard is held: the lock and the table of a `DashMap`'s shard, and a line of counters beside it, as
//! the runtime has them.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use dashmap::RwLock;
use hashbrown::raw::RawTable;

use crate::measured::{median, together};

const VISITS: u64 = 2_000;

/// How often a thread counts between two visits: half a microsecond or so.
const OWN: u64 = 1_000;

/// Nanoseconds that a shard is held for, the lock with them.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    /// Where no other core had it in between.
    pub(crate) alone: f64,
    /// Where another core had it before: what it reads and writes comes from there.
    pub(crate) crossing: f64,
    /// The same for a count that calls of an owner's group raise and lower.
    pub(crate) counted: f64,
}

#[repr(align(128))]
struct Shard {
    entries: RwLock<RawTable<(u64, u64)>>,
    marks: Marks,
}

#[repr(align(64))]
struct Marks([AtomicU64; 3]);

impl Shard {
    fn visit(&self, id: u64, comes: bool) {
        let mut entries = self.entries.write();
        let hash = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        if comes {
            entries.insert(hash, (hash, id), |(hash, _)| *hash);
        } else {
            entries.remove_entry(hash, |(h, _)| *h == hash);
        }
        for mark in &self.marks.0 {
            mark.store(mark.load(Relaxed) + 1, Relaxed);
        }
    }
}

pub(crate) fn held(rounds: usize) -> Held {
    let shard = Shard {
        entries: RwLock::new(RawTable::with_capacity(64)),
        marks: Marks(Default::default()),
    };
    let (alone, crossing) = times(rounds, |id, comes| shard.visit(id, comes));
    let count = Marks(Default::default());
    let (_, counted) = times(rounds, |_, comes| {
        let more = if comes { 1 } else { u64::MAX };
        count.0[0].fetch_add(more, Relaxed);
    });
    Held {
        alone,
        crossing,
        counted,
    }
}

/// What a visit takes on one thread, and on two of which each has something of its own to do in between.
fn times(rounds: usize, visit: impl Fn(u64, bool) + Sync) -> (f64, f64) {
    let visits = |thread, work| {
        for n in 0..VISITS / 2 {
            let id = (n % 16) * 2 + thread;
            for comes in [true, false] {
                visit(id, comes);
                own(work);
            }
        }
    };
    let time = |threads, work| {
        let rounds = (0..rounds).map(|_| together(threads, |thread| visits(thread, work)));
        median(rounds.collect()) / VISITS as f64
    };
    let alone = time(1, 0);
    let work = time(1, OWN) - alone;
    (alone, of_visit(time(2, OWN) - work, work))
}

/// A thread does something of its own, so that the lock goes from one to the other and back: two that do nothing else
/// have it many times in a row.
fn own(work: u64) {
    for n in 0..work {
        black_box(n);
    }
}

/// Of what a visit takes with the wait for the other thread, which has so much to do of its own: the visit alone.
/// How likely one finds the other there is the part of its time that the other is there.
fn of_visit(with_wait: f64, work: f64) -> f64 {
    let mut visit = with_wait;
    for _ in 0..100 {
        visit = with_wait / (1.0 + visit / (visit + work));
    }
    visit
}
