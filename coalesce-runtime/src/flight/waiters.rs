//! The wakers of a flight's followers.
//!
//! A follower holds a [`Slot`], the list holds its waker. Waking takes the whole list away in one
//! move, so that the wakers run outside all locks however many there are; a slot from
//! before is stale then, and a follower that is still waiting takes a new one. Freed slots are
//! used again, so a list is as long as the most followers that ever waited at once; the order in
//! which followers joined is kept as a number, and matters only when they are woken.
//!
//! The first few are in the list itself, and the others in chunks.

use std::{cmp::Reverse, collections::BTreeMap, mem, task::Waker};

use crate::{flight::takeover::Turn, panic::aside};

/// A follower's place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    round: u32,
    index: u32,
}

impl Slot {
    /// It has none.
    pub(crate) const NONE: Self = Self {
        round: 0,
        index: u32::MAX,
    };
}

/// A waker that may not be needed. It is dropped while its caller joins, which a key's panic may end: one more would
/// abort the process.
pub(crate) struct Spare(pub(crate) Option<Waker>);

impl Drop for Spare {
    #[inline]
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            aside(|| drop(waker));
        }
    }
}

/// What became of a waker that was to be in the list.
pub(crate) enum Registered {
    /// It is, or one that wakes the same; this one was there before, for the caller to drop.
    Done(Option<Waker>),
    /// One is to be cloned first.
    NeedsWaker,
}

#[derive(Debug)]
enum Entry {
    Waiting { joined: u32, waker: Waker },
    Free { next: u32 },
}

/// How many wakers a list holds that allocates nothing.
const FEW: usize = 4;

#[derive(Debug)]
pub(crate) struct Waiters {
    /// How often the list was taken away.
    round: u32,
    /// How many slots were ever used since then.
    used: u32,
    /// The head of the free slots; past the end when there is none.
    free: u32,
    few: [Entry; FEW],
    /// Each twice as long as the one before, so that nothing is moved while the list grows under a lock.
    many: Vec<Vec<Entry>>,
}

/// Which of `many` has the slot with this index, and where.
fn place(index: usize) -> (usize, usize) {
    let place = index + FEW;
    let chunk = place.ilog2() - (2 * FEW).ilog2();
    (chunk as usize, place - length(chunk as usize))
}

/// The length of this one of `many`.
fn length(chunk: usize) -> usize {
    (2 * FEW) << chunk
}

impl Waiters {
    pub(crate) const fn new() -> Self {
        Self::of_round(0)
    }

    /// A list in which no slot is taken for one of another list.
    pub(crate) const fn of_latecomers() -> Self {
        Self::of_round(1 << 31)
    }

    const fn of_round(round: u32) -> Self {
        Self {
            round,
            used: 0,
            free: u32::MAX,
            few: [const { Entry::Free { next: u32::MAX } }; FEW],
            many: Vec::new(),
        }
    }

    fn entry(&mut self, index: u32) -> Option<&mut Entry> {
        let index = index as usize;
        if index < FEW {
            return self.few.get_mut(index);
        }
        let (chunk, at) = place(index);
        self.many.get_mut(chunk)?.get_mut(at)
    }

    /// The waker in this slot, unless the slot is stale.
    fn get_mut(&mut self, slot: Slot) -> Option<&mut Waker> {
        if slot == Slot::NONE || slot.round != self.round {
            return None;
        }
        match self.entry(slot.index) {
            Some(Entry::Waiting { waker, .. }) => Some(waker),
            _ => None,
        }
    }

    /// Whether nobody came since the list was taken away.
    pub(crate) fn nobody_came(&self) -> bool {
        self.used == 0
    }

    pub(crate) fn insert(&mut self, joined: u32, waker: Waker) -> Slot {
        let (free, round) = (self.free, self.round);
        let entry = Entry::Waiting { joined, waker };
        if free == u32::MAX {
            let index = self.push(entry);
            return Slot { round, index };
        }
        if let Some(place) = self.entry(free) {
            if let Entry::Free { next } = mem::replace(place, entry) {
                self.free = next;
            }
        }
        Slot { round, index: free }
    }

    fn push(&mut self, entry: Entry) -> u32 {
        let index = self.used;
        self.used += 1;
        if let Some(place) = self.few.get_mut(index as usize) {
            *place = entry;
            return index;
        }
        match self.many.last_mut() {
            Some(chunk) if chunk.len() < chunk.capacity() => chunk.push(entry),
            _ => self.push_to_next(entry),
        }
        index
    }

    #[cold]
    fn push_to_next(&mut self, entry: Entry) {
        let mut chunk = Vec::with_capacity(length(self.many.len()));
        chunk.push(entry);
        self.many.push(chunk);
    }

    /// Has the waker of a follower that was polled with this one in the list, in this slot of its own.
    pub(crate) fn register(
        &mut self,
        slot: &mut Slot,
        joined: u32,
        polled: &Waker,
        waker: &mut Option<Waker>,
    ) -> Registered {
        match (self.get_mut(*slot), waker.take()) {
            (Some(waiting), waker) if waiting.will_wake(polled) => Registered::Done(waker),
            (_, None) => Registered::NeedsWaker,
            (Some(waiting), Some(waker)) => Registered::Done(Some(mem::replace(waiting, waker))),
            (None, Some(waker)) => {
                *slot = self.insert(joined, waker);
                Registered::Done(None)
            }
        }
    }

    /// Takes a waker out, for the caller to drop outside the lock.
    #[must_use = "a waker's destructor must not run under a lock"]
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Waker> {
        self.get_mut(slot)?;
        let next = mem::replace(&mut self.free, slot.index);
        match mem::replace(self.entry(slot.index)?, Entry::Free { next }) {
            Entry::Waiting { waker, .. } => Some(waker),
            Entry::Free { .. } => None,
        }
    }

    /// Takes all wakers away, to be woken outside the lock.
    #[must_use = "the wakers are still to be woken"]
    pub(crate) fn take(&mut self) -> Wake {
        let next = Self::of_round(self.round.wrapping_add(1));
        Wake(mem::replace(self, next))
    }

    /// Wakes everyone for a landing, those who came late by the waker that they came with. Nobody has a slot any more.
    pub(crate) fn wake_all(&mut self, late: Option<Box<Self>>) {
        let Some(mut late) = late else {
            return self.wakers().for_each(|(_, waker)| wake(waker));
        };
        let late: BTreeMap<_, _> = late.wakers().collect();
        for (joined, waker) in self.wakers() {
            match late.contains_key(&joined) {
                true => aside(|| drop(waker)),
                false => wake(waker),
            }
        }
        late.into_values().for_each(wake);
    }

    fn wakers(&mut self) -> impl Iterator<Item = (u32, Waker)> + '_ {
        let few = self.few.iter_mut().take(self.used as usize);
        let entries = few.chain(self.many.iter_mut().flatten());
        entries.filter_map(
            |entry| match mem::replace(entry, Entry::Free { next: u32::MAX }) {
                Entry::Waiting { joined, waker } => Some((joined, waker)),
                Entry::Free { .. } => None,
            },
        )
    }
}

/// Followers to be woken.
#[derive(Debug)]
pub(crate) struct Wake(Waiters);

impl Wake {
    /// The wakers in the order in which they are to be woken so that the one whose turn it is comes to lead; with
    /// the number with which each joined.
    ///
    /// An executor polls tasks in the order in which they were woken, or, as the workers of Tokio's
    /// multi-threaded runtime do, the one that was woken last before the others. In the newest's turn the newest
    /// is first, but for the very newest, who comes last: so either way one of the two is polled first. In the
    /// oldest's turn it is first, and one that is polled before it gives way.
    pub(crate) fn for_take_over(mut self, turn: Turn) -> Vec<(u32, Waker)> {
        let mut wakers: Vec<_> = self.0.wakers().collect();
        match turn {
            Turn::Newest => {
                wakers.sort_unstable_by_key(|(joined, _)| Reverse(*joined));
                let newest_last = wakers.len().min(1);
                wakers.rotate_left(newest_last);
            }
            Turn::Oldest => wakers.sort_unstable_by_key(|(joined, _)| *joined),
        }
        wakers
    }
}

/// A waker that panics is its executor's fault, and neither the leader's nor the other followers'
/// loss.
pub(crate) fn wake(waker: Waker) {
    aside(|| waker.wake());
}
