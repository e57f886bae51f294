//! A concurrent table that has as many locks as its callers need.
//!
//! 1. A table begins with one shard: a lock, its entries, and its marks. The first *generation* is this one shard; the
//!    next has four, each the one after four times as many, up to what a `DashMap` of this machine would have. The
//!    shard of a hash in a generation is what the hash begins with, so that the entries of a shard go to as many
//!    shards of the next generation that lie side by side, its children.
//! 2. A lock that was not got at once is counted, under the lock. When that happens often, as calls go, who has counted
//!    it lets the lock go, and makes the next generation, unless another thread does already. That one thread *moves*
//!    the entries: one shard after the other, it takes the shard's lock and those of its children, where nobody comes
//!    yet, has each entry go by the hash that it keeps, and marks the shard as moved, which it stays for good. When all
//!    have been moved, the generation is complete.
//! 3. Who wants the lock of a hash takes that of its shard in the last generation that is complete, as far as it sees.
//!    If the shard has moved by then, which is looked at under its lock, it goes on to the child: the next generation is
//!    there, and the child has the entries, before the shard says so. So it ends at the one shard of the hash that has
//!    not moved, which has its entries; to see an old number of generations costs a detour, and no more.
//! 4. Who wants all shards goes through them in the order of the hashes, and takes for each the shard that has not moved,
//!    as in 3. What lies between two shards once lies between shards for ever: so what it looks at next begins where
//!    the last one ended, and each entry is met once, in its old shard or in its new one.
//! 5. What numbers entries goes on in the children from where it was: tickets, and the floor of those that may be joined.
//!    What is summed up, as calls are, is so over all shards that ever were. What is now, as the number of entries, is
//!    looked up as in 4, without a lock.
//!
//! Invariant: of the shards of a hash, one a generation, all that are older than one that has not moved have moved; it
//! alone has entries.
//!
//! Two locks are held at a time only by who moves entries, the older shard's first; no code of the user's runs then.
//! A shard that most calls come to is asked for one key, probably, which more shards would not help: no more are made.
//! A table never gets smaller; the shards that have moved are fewer than those in use, and keep no room for entries.

use std::{
    fmt, iter,
    sync::{
        LazyLock,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    thread::available_parallelism,
};

use once_cell::race::OnceBox;

pub(crate) use crate::flight::shard::Shard;
use crate::flight::shard::{Marked, Slot};

/// Each generation has so many times as many shards as the one before, as bits.
const STEP: u32 = if cfg!(loom) { 1 } else { 2 };

/// How many generations there may be after the first, and so of how many bits a shard's number is.
pub(super) const GENERATIONS: usize = 6;
const BITS: u32 = STEP * GENERATIONS as u32;

/// These first bits are hashbrown's own, for what it keeps of each entry's hash.
const TAG: u32 = 7;

pub(crate) struct Table<E, M> {
    first: Slot<E, M>,
    /// Whether all shards are gone through at each call (`max_in_flight`, and meters), so that many would be dearer than
    /// a line at each.
    walked: AtomicBool,
    /// How many of the later ones are complete.
    complete: AtomicUsize,
    later: [OnceBox<Generation<E, M>>; GENERATIONS],
}

/// In a line of its own: all read it, and nobody writes.
#[repr(align(64))]
struct Generation<E, M> {
    bits: u32,
    slots: Box<[Slot<E, M>]>,
}

/// The bits of the number of shards that a `DashMap` would have.
pub(super) fn most() -> u32 {
    static MOST: LazyLock<u32> = LazyLock::new(|| {
        let cores = available_parallelism().map_or(1, usize::from);
        (cores * 4).next_power_of_two().ilog2().min(BITS)
    });
    *MOST
}

/// The number of this hash's shard in a generation after the first.
#[inline]
fn number(hash: u64, bits: u32) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "it has few bits")]
    let number = (hash << TAG >> (64 - bits)) as usize;
    number
}

impl<E, M: Marked> Table<E, M> {
    pub(crate) fn new() -> Self {
        Self {
            first: Slot::new(),
            walked: AtomicBool::new(false),
            complete: AtomicUsize::new(0),
            later: Default::default(),
        }
    }

    /// Locks the shard that has the entries of this hash.
    #[inline]
    pub(crate) fn lock(&self, hash: u64) -> Shard<'_, E, M> {
        let slot = self.slot(hash);
        let Some(entries) = slot.entries.try_lock() else {
            return self.lock_in_line(hash);
        };
        if slot.is_moved() {
            drop(entries);
            return self.lock_in_use(hash).0;
        }
        Shard {
            entries,
            marks: &slot.marks,
        }
    }

    /// The shard of this hash in the last generation that is complete.
    #[inline]
    pub(super) fn slot(&self, hash: u64) -> &Slot<E, M> {
        self.slot_in(self.complete(), hash).0
    }

    /// The shard of this hash in this generation, and how many bits its number has.
    #[inline]
    fn slot_in(&self, generation: usize, hash: u64) -> (&Slot<E, M>, u32) {
        match self.later(generation) {
            None => (&self.first, 0),
            Some(it) => (&it.slots[number(hash, it.bits)], it.bits),
        }
    }

    /// This generation, unless it is the first.
    #[inline]
    fn later(&self, generation: usize) -> Option<&Generation<E, M>> {
        self.later.get(generation.checked_sub(1)?)?.get()
    }

    #[inline]
    pub(super) fn complete(&self) -> usize {
        self.complete.load(Acquire)
    }

    /// The shard of this hash that has not moved, as far as is seen without its lock; how many bits its number has, and
    /// its generation.
    fn in_use(&self, hash: u64) -> (&Slot<E, M>, u32, usize) {
        let mut generation = self.complete();
        loop {
            let (slot, bits) = self.slot_in(generation, hash);
            if !slot.is_moved() {
                return (slot, bits, generation);
            }
            generation += 1;
        }
    }

    /// Locks the shard of this hash that has not moved; how many bits its number has.
    #[cold]
    fn lock_in_use(&self, hash: u64) -> (Shard<'_, E, M>, u32) {
        loop {
            let (slot, bits, _) = self.in_use(hash);
            let entries = slot.entries.lock();
            if !slot.is_moved() {
                let marks = &slot.marks;
                return (Shard { entries, marks }, bits);
            }
        }
    }

    /// The same for who did not get the lock at once.
    #[cold]
    fn lock_in_line(&self, hash: u64) -> Shard<'_, E, M> {
        let (slot, _, generation) = self.in_use(hash);
        let entries = slot.entries.lock();
        if !slot.is_moved() {
            if !slot.missed() {
                let marks = &slot.marks;
                return Shard { entries, marks };
            }
            drop(entries);
            if self.would_help(generation, slot) {
                self.grow(generation);
            }
        }
        self.lock_in_use(hash).0
    }

    /// Whether the calls of this shard, which are too many for it, would be spread over more.
    pub(super) fn would_help(&self, generation: usize, slot: &Slot<E, M>) -> bool {
        self.later(generation).is_none_or(|it| {
            let calls = it.slots.iter().map(|slot| slot.marks.calls());
            slot.marks.calls() <= calls.sum::<u64>() / 2
        })
    }

    /// Makes the generation after this one, unless it is there already, or is not to be, and moves all entries there.
    pub(super) fn grow(&self, generation: usize) {
        let bits = self.later(generation).map_or(0, |it| it.bits);
        let most = if self.walked.load(Relaxed) {
            STEP
        } else {
            most()
        };
        if generation != self.complete() || bits >= most {
            return;
        }
        let next = Generation::new((bits + STEP).min(most));
        let step = next.bits - bits;
        if self.later[generation].set(Box::new(next)).is_err() {
            return;
        }
        let (Some(next), old) = (self.later(generation + 1), self.slots(generation)) else {
            unreachable!("it was just made")
        };
        for (slot, children) in old.iter().zip(next.slots.chunks(1 << step)) {
            slot.move_to(children, |hash| number(hash, next.bits) % (1 << step));
        }
        self.complete.store(generation + 1, Release);
    }

    /// From now on all shards are gone through at each call: the table grows once, at most.
    pub(crate) fn is_walked(&self) {
        if !self.walked.load(Relaxed) {
            self.walked.store(true, Relaxed);
        }
    }

    fn slots(&self, generation: usize) -> &[Slot<E, M>] {
        match self.later(generation) {
            None => std::slice::from_ref(&self.first),
            Some(it) => &it.slots,
        }
    }

    /// Locks the shards that have the entries, one after the other; each before must be let go.
    pub(crate) fn shards(&self) -> impl Iterator<Item = Shard<'_, E, M>> {
        in_order(|hash| self.lock_in_use(hash))
    }

    /// The sum of this over the shards that have the entries, of what may be read without a lock.
    pub(crate) fn sum_in_use(&self, of: impl Fn(&M) -> u64) -> u64 {
        if !self.first.is_moved() {
            return of(&self.first.marks);
        }
        let all = in_order(|hash| {
            let (slot, bits, _) = self.in_use(hash);
            (of(&slot.marks), bits)
        });
        all.sum()
    }

    /// The same over all shards that ever were.
    pub(crate) fn sum(&self, of: impl Fn(&M) -> u64) -> u64 {
        let mut sum = of(&self.first.marks);
        let mut generation = 1;
        while let Some(later) = self.later(generation) {
            sum += later.slots.iter().map(|slot| of(&slot.marks)).sum::<u64>();
            generation += 1;
        }
        sum
    }

    /// The marks of a shard of this hash, for what is summed up.
    pub(crate) fn marks_of(&self, hash: u64) -> &M {
        &self.slot(hash).marks
    }
}

/// What there is for each shard, in the order of the hashes; `of` says so for a hash, and how many bits the shard's
/// number has.
fn in_order<T>(of: impl Fn(u64) -> (T, u32)) -> impl Iterator<Item = T> {
    let mut next = 0_u64;
    iter::from_fn(move || {
        if next >> BITS != 0 {
            return None;
        }
        let (it, bits) = of(next << (64 - BITS) >> TAG);
        next += 1 << (BITS - bits);
        Some(it)
    })
}

impl<E, M: Marked> Generation<E, M> {
    fn new(bits: u32) -> Self {
        Self {
            bits,
            slots: (0..1 << bits).map(|_| Slot::new()).collect(),
        }
    }
}

impl<E, M> fmt::Debug for Table<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}
