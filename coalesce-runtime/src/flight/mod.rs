//! One execution that callers share.
//!
//! It has two parts. The *flight* is what its entry in the map owns, and the lock of the shard that holds the entry
//! guards all of it: who leads, how many follow, and their wakers. The *landing* is where its outcome will be; each
//! follower has a share of it, and finds the flight by its hash and ticket. One allocation is for both (`pair`).
//!
//! 1. The leader of a key holds a ticket only; nothing is allocated. The first follower makes the
//!    flight, under the lock that found the key taken, so that a landing is seen either
//!    before (there is no flight: lead a new one) or after (its value), never between.
//! 2. *Led*: a body is alive. Followers wait, each with a waker in the list. Who is polled while it joins puts its
//!    waker in under the same lock, and is not seen here again until it is woken; who is not yet, when it is polled.
//! 3. The leader lands the flight: it leaves the map, with the wakers, and its followers are counted off. Then the
//!    outcome is set, and all followers are woken. One that is polled in between finds no flight, and leaves its waker
//!    with the landing, whose own lock it takes for it (`landing.rs`).
//! 4. Or the leader abandons it (its future is dropped, with its body): *vacant*, all followers are woken, and
//!    whoever is polled first takes over, which makes it *led* again; but see whose turn it is (`takeover.rs`).
//!    A newcomer that finds a vacant flight is one of them, the newest. So nobody waits for one who is not
//!    polled.
//!    If a leader goes before any of its followers has come back, they may all be about to go, as when a
//!    backend hangs and they have one deadline. So whoever takes over next lets its task be polled once
//!    more, before its body starts; in between a timeout drops it.
//! 5. Or it fails, where an error is not shared (`share = ok`): *vacant* as well. So that a dead backend
//!    does not make a queue of its followers, each waits for one failure more at most, and then goes
//!    alone.
//! 6. A follower that is dropped takes its waker out. If the flight was vacant and it was the last
//!    one, nobody will lead it: the flight leaves the map, under the same lock.
//!
//! Invariant: a flight in the map is led, or it is vacant and has followers, all of whom have been
//! woken since, or are about to be polled; no waker is in the list of a vacant one. Who follows has a flight in the map
//! until it lands.
//!
//! No waker, key or value is cloned, woken or dropped under a lock. A landing's own lock is taken alone.
//!
//! A flight knows nothing of its value's type, so that there is one code for all flights: the value is in a
//! box, which is made where there are followers.

pub(crate) mod caller_state;
pub(crate) mod elsewhere;
mod end;
#[cfg_attr(loom, path = "entries_loom.rs")]
mod entries;
pub(crate) mod follower;
pub(crate) mod id;
pub(crate) mod join;
pub(crate) mod landing;
pub(crate) mod lazy;
mod listing;
pub(crate) mod map;
pub(crate) mod outcome;
pub(crate) mod pair;
mod published;
mod shard;
mod table;
#[cfg(all(test, not(loom)))]
mod table_tests;
mod takeover;
#[cfg_attr(not(any(loom, feature = "spawn")), path = "task_off.rs")]
pub(crate) mod task;
mod waiters;

use std::{mem, task::Waker};

use crate::{
    clock::Instant,
    flight::{
        follower::{Follower, Found},
        landing::Landing,
        outcome::Outcome,
        takeover::{Turn, Turns},
        task::{Orphan, Task},
        waiters::{Registered, Slot, Waiters, Wake},
    },
    watch::span::LeaderId,
};

/// Whether somebody leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A body is alive.
    Led,
    /// The leader went.
    Vacant,
}

/// A flight in the map, guarded by the shard's lock.
pub(crate) struct Flight {
    /// When it was opened, where there is a limit to its age.
    opened: Option<Instant>,
    stage: Stage,
    /// Whether the last leader went before any of the followers that it made wait had come back.
    hasty: bool,
    turns: Turns,
    /// How many wait, whether or not they were polled since they joined.
    followers: u32,
    /// How many ever joined, which tells who is the newest. Where it wraps, they are woken in another order.
    joined: u32,
    /// How many have gone.
    gone: u32,
    /// The oldest follower, as far as it is known.
    oldest: Option<u32>,
    waiters: Waiters,
    task: Task,
    /// The span of the leader, where there is one.
    leader: Option<LeaderId>,
}

/// How a newcomer finds a flight.
pub(crate) enum Joined {
    /// It was vacant: the newcomer leads.
    Leads,
    Follows,
}

/// What a follower that looks at its flight finds, and is to do once the lock is let go.
pub(crate) enum Look {
    /// Its waker is in the list; this one is to be dropped.
    Waits(Option<Waker>),
    /// It is to look again with a waker of its own.
    NeedsWaker,
    /// It is to look again without the waker: its destructor may panic, which must find a follower.
    NeedsNone,
    Found(Found),
}

impl Flight {
    /// A flight that is led, with no follower yet.
    fn led(opened: Option<Instant>) -> Self {
        Self {
            opened,
            stage: Stage::Led,
            hasty: false,
            turns: Turns::new(),
            followers: 0,
            joined: 0,
            gone: 0,
            oldest: None,
            waiters: Waiters::new(),
            task: Task::NONE,
            leader: None,
        }
    }

    #[inline]
    fn followers(&self) -> usize {
        self.followers as usize
    }

    /// A newcomer joins: the number with which it does, and its place in the list, where its waker goes if it is being
    /// polled. `None`: it was vacant, and the newcomer leads.
    #[inline]
    fn join(&mut self, waker: &mut Option<Waker>) -> Option<(u32, Slot)> {
        let is_its_turn = || self.turns.turn() == Turn::Newest || self.followers == 0;
        if self.stage == Stage::Vacant && is_its_turn() {
            self.stage = Stage::Led;
            return None;
        }
        self.followers += 1;
        self.joined = self.joined.wrapping_add(1);
        // In a vacant flight it will find out whose turn it is.
        let waker = waker.take_if(|_| self.stage == Stage::Led);
        let slot = waker.map_or(Slot::NONE, |waker| self.waiters.insert(self.joined, waker));
        Some((self.joined, slot))
    }

    /// A follower that was polled looks whether it still waits.
    fn look(&mut self, follower: &mut Follower, polled: &Waker, waker: &mut Option<Waker>) -> Look {
        if follower.bodies_left() == 0 {
            return Look::Found(Found::Failed);
        }
        if self.stage == Stage::Led {
            let slot = &mut follower.slot;
            return match self.waiters.register(slot, follower.joined, polled, waker) {
                Registered::Done(old) => Look::Waits(old),
                Registered::NeedsWaker => Look::NeedsWaker,
            };
        }
        let is_oldest = self.oldest == Some(follower.joined);
        let gave_way = follower.gave_way == self.turns.count();
        if self.turns.turn() == Turn::Oldest && !is_oldest && !gave_way {
            follower.gave_way = self.turns.count();
            return Look::Found(Found::GaveWay);
        }
        if waker.is_some() {
            return Look::NeedsNone;
        }
        self.stage = Stage::Led;
        self.followers -= 1;
        if is_oldest {
            self.oldest = None;
        }
        // Its waker was taken out by who left, or was never put in.
        follower.slot = Slot::NONE;
        let hasty = self.hasty && !gave_way;
        Look::Found(Found::TookOver { hasty })
    }

    /// A follower goes, with its waker.
    fn leave(&mut self, follower: &mut Follower) -> Option<Waker> {
        self.followers -= 1;
        self.gone = self.gone.wrapping_add(1);
        if self.oldest == Some(follower.joined) {
            self.oldest = None;
        }
        self.waiters
            .remove(mem::replace(&mut follower.slot, Slot::NONE))
    }

    /// Whether nobody will ever lead it again.
    fn is_deserted(&self) -> bool {
        self.stage == Stage::Vacant && self.followers == 0
    }

    /// Its leader gives it up, the body being dropped already. `None`: no follower is left, and the flight must
    /// leave the map.
    fn abandon(&mut self) -> Option<Vacated> {
        let hasty = self.waiters.nobody_came();
        self.vacate(hasty)
    }

    /// The same, whoever has come back.
    fn vacate(&mut self, hasty: bool) -> Option<Vacated> {
        if self.followers == 0 {
            return None;
        }
        self.stage = Stage::Vacant;
        self.hasty = hasty;
        Some(Vacated {
            turn: self.turns.next(),
            wake: self.waiters.take(),
            gone: self.gone,
        })
    }

    /// The oldest of those who were woken since it was vacated, unless one of them has gone since.
    fn oldest_is(&mut self, oldest: u32, gone: u32) {
        if self.gone == gone {
            self.oldest = Some(self.oldest.map_or(oldest, |known| known.min(oldest)));
        }
    }

    /// Sets the outcome, and wakes all who wait for it.
    ///
    /// # Safety
    ///
    /// A flight lands once.
    unsafe fn publish(&mut self, landing: &Landing, outcome: Outcome) {
        if let Some(leader) = self.leader.take() {
            landing.led_by(leader);
        }
        // SAFETY: as this one.
        let late = unsafe { landing.publish(outcome) };
        self.waiters.wake_all(late);
    }

    /// The task of its body, if nobody waits for it any more.
    fn orphan(&mut self) -> Orphan {
        let is_unwanted = self.stage == Stage::Led && self.followers == 0;
        self.task.orphan(is_unwanted)
    }
}

/// What the followers of a flight that was vacated are owed.
#[must_use = "the followers are still to be woken"]
struct Vacated {
    turn: Turn,
    wake: Wake,
    /// How many followers had gone by then.
    gone: u32,
}
