//! One execution that callers share.
//!
//! 1. The leader of a key holds a ticket only; nothing is allocated. The first follower makes the
//!    flight, under the shard lock that found the key taken, so that a landing is seen either
//!    before (there is no flight: lead a new one) or after (its value), never between.
//! 2. *Led*: a body is alive. Followers wait, each with a waker in the list.
//! 3. The leader lands the flight: it is *landed* and its followers are counted off, the outcome is set, all
//!    followers are woken.
//! 4. Or it abandons it (its future is dropped, with its body): *vacant*, all followers are woken, and
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
//!    one, nobody will lead it: the flight leaves the map.
//!
//! Invariant: a flight in the map is led, or it is vacant and has followers, all of whom have been
//! woken since.
//!
//! A follower puts its waker into the list under the list's lock, having seen there that the flight is led or
//! not quite landed. Whoever changes that takes the list afterwards: so no waker is forgotten.
//!
//! `join`, `abandon`, `fail`, `take` (of a spawned body's owner) and `is_deserted` run under the lock of the shard that holds the flight,
//! `land` and `publish` when it has left the map. The list's lock is taken alone or under the shard's, never
//! the other way round. No waker, key or value is cloned or dropped under either.
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
mod lazy;
mod listing;
pub(crate) mod map;
pub(crate) mod outcome;
mod shard;
mod stage;
mod table;
#[cfg(all(test, not(loom)))]
mod table_tests;
mod takeover;
#[cfg_attr(not(any(loom, feature = "spawn")), path = "task_off.rs")]
pub(crate) mod task;
mod waiters;

use std::{
    panic::{RefUnwindSafe, UnwindSafe, resume_unwind},
    sync::{Arc, PoisonError},
    time::Duration,
};

use crate::{
    clock::Instant,
    flight::{
        elsewhere::Elsewhere,
        outcome::{Outcome, Shared},
        stage::{Stage, Staged},
        takeover::Turns,
        task::Task,
        waiters::{Waiters, Wake},
    },
    sharing::{Share, Sharing},
    sync::{AtomicU16, AtomicU32, Mutex, MutexGuard, OnceCell, Ordering::Relaxed},
    watch::span::LeaderId,
};

pub(crate) struct Flight {
    pub(crate) ticket: u64,
    /// When it was opened, where there is a limit to its age, or when its first follower came to wait.
    since: OnceCell<Instant>,
    /// Left by its first follower that waits for so long only (`max_wait`). Few have one, so it is one word.
    key: OnceCell<Box<Shared>>,
    /// Where it goes across to other servers; one word, as well.
    elsewhere: OnceCell<Box<Arc<dyn Elsewhere>>>,
    /// Written once, by the landing; read by followers without a lock.
    outcome: OnceCell<Outcome>,
    staged: Staged,
    /// How many followers ever joined, which tells who is the newest. Where it wraps, they are woken in
    /// another order. It changes under the shard's lock, as do the next two.
    joined: AtomicU32,
    /// How many bodies failed.
    failures: AtomicU16,
    turns: Turns,
    /// How many bodies former followers have started. The leader raises it.
    takeovers: AtomicU32,
    list: Mutex<List>,
}

struct List {
    waiters: Waiters,
    /// The span of the leader, where there is one.
    leader: Option<LeaderId>,
    /// Whether the last leader went before any of the followers that it made wait had come back.
    hasty: bool,
    /// The oldest follower, as far as it is known.
    oldest: Option<u32>,
    /// How many followers have gone.
    gone: u32,
    task: Task,
}

// Whatever panics, what is in it is whole: no code of the user's runs while it is not.
impl UnwindSafe for Flight {}
impl RefUnwindSafe for Flight {}

impl Flight {
    /// A flight that is led, with no follower yet; `takeovers`: 1 if by a former follower of another.
    pub(crate) fn led(ticket: u64, opened: Option<Instant>, takeovers: u32) -> Arc<Self> {
        Arc::new(Self {
            ticket,
            since: opened.map_or_else(OnceCell::new, OnceCell::with_value),
            key: OnceCell::new(),
            elsewhere: OnceCell::new(),
            outcome: OnceCell::new(),
            staged: Staged::led(),
            joined: AtomicU32::new(0),
            failures: AtomicU16::new(0),
            turns: Turns::new(),
            takeovers: AtomicU32::new(takeovers),
            list: Mutex::new(List {
                waiters: Waiters::new(),
                leader: None,
                hasty: false,
                oldest: None,
                gone: 0,
                task: Task::NONE,
            }),
        })
    }

    /// Keeps this of itself elsewhere.
    pub(crate) fn goes_across(&self, elsewhere: Arc<dyn Elsewhere>) {
        let set = self.elsewhere.set(Box::new(elsewhere));
        debug_assert!(set.is_ok(), "a flight goes across once");
    }

    /// What it keeps of itself elsewhere, if it goes there.
    pub(crate) fn elsewhere(&self) -> Option<&Arc<dyn Elsewhere>> {
        self.elsewhere.get().map(|it| &**it)
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How old it is at least, as far as that is known.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.since.get().map(Instant::elapsed)
    }

    pub(crate) fn followers(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "each is in memory")]
        let followers = self.staged.get().1 as usize;
        followers
    }

    /// Ends the flight; returns how many followers there are, who are counted off. If there are any, they
    /// are owed an outcome.
    pub(crate) fn land(&self) -> u64 {
        self.staged.land()
    }

    /// Gives the outcome to the followers of a flight that has landed.
    pub(crate) fn publish(&self, outcome: Outcome) {
        let set = self.outcome.set(outcome);
        debug_assert!(set.is_ok(), "a flight lands once");
        let wake = self.list().waiters.take();
        wake.all();
    }

    /// A former follower starts its body; returns how many have.
    pub(crate) fn took_over(&self) -> u64 {
        let takeovers = self.takeovers.load(Relaxed).saturating_add(1);
        self.takeovers.store(takeovers, Relaxed);
        takeovers.into()
    }

    /// How many bodies former followers have started by now.
    pub(crate) fn takeovers(&self) -> u64 {
        self.takeovers.load(Relaxed).into()
    }

    /// Gives the flight up, its body being dropped already. `None`: no follower is left, and the flight must
    /// leave the map.
    pub(crate) fn abandon(&self) -> Option<Vacated> {
        self.vacate(Waiters::nobody_came)
    }

    fn failures(&self) -> u16 {
        self.failures.load(Relaxed)
    }

    /// The same, the leader's body having failed.
    pub(crate) fn fail(&self) -> Option<Vacated> {
        self.failures
            .store(self.failures().wrapping_add(1), Relaxed);
        self.vacate(|_| false)
    }

    fn vacate(&self, is_hasty: fn(&Waiters) -> bool) -> Option<Vacated> {
        let mut list = self.list();
        if !self.staged.vacate() {
            return None;
        }
        self.turns.next();
        list.hasty = is_hasty(&list.waiters);
        Some(Vacated {
            wake: list.waiters.take(),
            gone: list.gone,
        })
    }

    /// Wakes the followers of a flight that was vacated, outside the shard's lock.
    pub(crate) fn hand_over(&self, vacated: Vacated) {
        let wakers = vacated.wake.for_take_over(self.turns.turn());
        if let Some(oldest) = wakers.iter().map(|(joined, _)| *joined).min() {
            let mut list = self.list();
            if list.gone == vacated.gone {
                list.oldest = Some(list.oldest.map_or(oldest, |known| known.min(oldest)));
            }
        }
        let wakers = wakers.into_iter();
        wakers.for_each(|(_, waker)| waiters::wake(waker));
    }

    /// This is the span of its leader.
    pub(crate) fn led_by(&self, leader: LeaderId) {
        self.list().leader = Some(leader);
    }

    /// Whether nobody will ever lead it again.
    pub(crate) fn is_deserted(&self) -> bool {
        self.staged.get() == (Stage::Vacant, 0)
    }
}

/// What the followers of a flight that was vacated are owed.
#[must_use = "the followers are still to be woken"]
pub(crate) struct Vacated {
    wake: Wake,
    /// How many followers had gone by then.
    gone: u32,
}

/// A share of the value that the flight landed with; the last one who asks takes it.
pub(crate) fn collect<S: Sharing<V>, V>(mut flight: Arc<Flight>, share: Share<V>) -> V {
    let last = (Arc::strong_count(&flight) == 1)
        .then(|| Arc::get_mut(&mut flight)?.outcome.take())
        .flatten();
    match (last, flight.outcome.get()) {
        (Some(Outcome::Value(value)), _) => S::take(value.into_inner()),
        (None, Some(Outcome::Value(value))) => S::give(value.get(), share),
        // Not `panic!`: the hook has reported this panic once, for the leader.
        (Some(Outcome::Panicked(message)), _) => resume_unwind(Box::new(message)),
        (None, Some(Outcome::Panicked(message))) => resume_unwind(Box::new(message.clone())),
        (None, None) => unreachable!("collected before the flight landed"),
    }
}
