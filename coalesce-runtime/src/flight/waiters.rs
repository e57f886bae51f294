//! The wakers of a flight's followers.
//!
//! A follower holds a [`Slot`], the list holds its waker. Waking takes the whole list away in one
//! move, so that the wakers run outside the flight's lock however many there are; a slot from
//! before is stale then, and a follower that is still waiting takes a new one. Freed slots are
//! used again, so a list is as long as the most followers that ever waited at once; the order in
//! which followers joined is kept as a number, and matters only when they are woken.

use std::{cmp::Reverse, mem, task::Waker};

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

#[derive(Debug)]
enum Entry {
    Waiting { joined: u32, waker: Waker },
    Free { next: u32 },
}

#[derive(Debug)]
pub(crate) struct Waiters {
    /// How often the list was taken away.
    round: u32,
    entries: Vec<Entry>,
    /// The head of the free slots; past the end when there is none.
    free: u32,
}

impl Waiters {
    pub(crate) const fn new() -> Self {
        Self {
            round: 0,
            entries: Vec::new(),
            free: u32::MAX,
        }
    }

    /// The waker in this slot, unless the slot is stale.
    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut Waker> {
        match self.entries.get_mut(slot.index as usize) {
            Some(Entry::Waiting { waker, .. }) if slot.round == self.round => Some(waker),
            _ => None,
        }
    }

    /// Whether nobody came since the list was taken away.
    pub(crate) fn nobody_came(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn insert(&mut self, joined: u32, waker: Waker) -> Slot {
        let entry = Entry::Waiting { joined, waker };
        let index = match self.entries.get_mut(self.free as usize) {
            Some(free) => {
                let index = self.free;
                if let Entry::Free { next } = mem::replace(free, entry) {
                    self.free = next;
                }
                index
            }
            None => {
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).expect("so many wakers fit into no memory")
            }
        };
        Slot {
            round: self.round,
            index,
        }
    }

    /// Takes a waker out, for the caller to drop outside the flight's lock.
    #[must_use = "a waker's destructor must not run under the flight's lock"]
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Waker> {
        self.get_mut(slot)?;
        let free = Entry::Free {
            next: mem::replace(&mut self.free, slot.index),
        };
        match mem::replace(&mut self.entries[slot.index as usize], free) {
            Entry::Waiting { waker, .. } => Some(waker),
            Entry::Free { .. } => None,
        }
    }

    /// Takes all wakers away, to be woken outside the flight's lock.
    #[must_use = "the wakers are still to be woken"]
    pub(crate) fn take(&mut self) -> Wake {
        let round = self.round.wrapping_add(1);
        let taken = mem::replace(
            self,
            Self {
                round,
                ..Self::new()
            },
        );
        Wake(taken.entries)
    }
}

/// Followers to be woken.
#[derive(Debug)]
pub(crate) struct Wake(Vec<Entry>);

impl Wake {
    /// Wakes everyone for a landing.
    pub(crate) fn all(self) {
        self.wakers().for_each(|(_, waker)| wake(waker));
    }

    /// The wakers in the order in which they are to be woken so that the one whose turn it is comes to lead; with
    /// the number with which each joined.
    ///
    /// An executor polls tasks in the order in which they were woken, or, as the workers of Tokio's
    /// multi-threaded runtime do, the one that was woken last before the others. In the newest's turn the newest
    /// is first, but for the very newest, who comes last: so either way one of the two is polled first. In the
    /// oldest's turn it is first, and one that is polled before it gives way.
    pub(crate) fn for_take_over(self, turn: Turn) -> Vec<(u32, Waker)> {
        let mut wakers: Vec<_> = self.wakers().collect();
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

    fn wakers(self) -> impl Iterator<Item = (u32, Waker)> {
        self.0.into_iter().filter_map(|entry| match entry {
            Entry::Waiting { joined, waker } => Some((joined, waker)),
            Entry::Free { .. } => None,
        })
    }
}

/// A waker that panics is its executor's fault, and neither the leader's nor the other followers'
/// loss.
pub(crate) fn wake(waker: Waker) {
    aside(|| waker.wake());
}
