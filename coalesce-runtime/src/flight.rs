//! One execution that callers share.
//!
//! 1. The leader of a key holds a ticket only; nothing is allocated. The first follower makes the
//!    flight, under the shard lock that found the key taken, so that a landing is seen either
//!    before (there is no flight: lead a new one) or after (its value), never between.
//! 2. *Led*: a body is alive. Followers wait, each with a waker in the list.
//! 3. The leader lands the flight: *landed*, the outcome is set, all followers are woken.
//! 4. Or it abandons it (its future is dropped, with its body): *vacant*, all followers are woken, and
//!    whoever is polled first takes over, which makes it *led* again. A newcomer that finds a vacant
//!    flight leads it at once. So nobody waits for one who is not polled.
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
//! Locks: `state` is taken alone, or under the lock of the shard that holds the flight; never the
//! other way round. No waker, key or value is cloned or dropped under it.

use std::{
    mem,
    panic::resume_unwind,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

#[cfg(feature = "spawn")]
use tokio::task::AbortHandle;

use crate::{
    clock::Instant,
    panic::aside,
    sharing::Share,
    span::LeaderId,
    sync::{Mutex, MutexGuard, OnceCell},
    waiters::{Slot, Waiters, Wake},
};

/// How many failures a follower waits for.
const FAILURES: u32 = 2;

/// What the leader landed with.
#[derive(Debug)]
pub(crate) enum Outcome<V> {
    Value(V),
    /// The message that each follower unwinds with.
    Panicked(String),
}

pub(crate) struct Flight<V> {
    pub(crate) ticket: u64,
    /// When it was opened, where there is a limit to its age.
    opened: Option<Instant>,
    /// When its first follower came to wait.
    followed: OnceCell<Instant>,
    /// Written once, by the landing; read by followers without a lock.
    outcome: OnceCell<Outcome<V>>,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    /// Callers that wait, whether or not they were polled since they joined.
    followers: usize,
    /// How many followers ever joined, which tells who is the newest. Where it wraps, they are woken in
    /// another order.
    joined: u32,
    /// How many bodies failed.
    failures: u32,
    /// How many followers have taken over.
    takeovers: u64,
    /// The span of the leader, where there is one.
    leader: Option<LeaderId>,
    /// Whether the last leader went before any of the followers that it made wait had come back.
    hasty: bool,
    waiters: Waiters,
    /// Whether the caller that spawned the body waits for it.
    #[cfg(feature = "spawn")]
    owned: bool,
    /// The body's task, to be aborted when nobody waits any more.
    #[cfg(feature = "spawn")]
    task: Option<AbortHandle>,
}

/// The task of a body that nobody waits for any more.
#[cfg(feature = "spawn")]
type Orphan = Option<AbortHandle>;
#[cfg(not(feature = "spawn"))]
type Orphan = Option<std::convert::Infallible>;

impl State {
    /// The task to be aborted, if nobody waits for it any more.
    #[cfg(feature = "spawn")]
    fn orphan(&mut self) -> Orphan {
        let is_orphan = self.stage == Stage::Led && !self.owned && self.followers == 0;
        is_orphan.then(|| self.task.take()).flatten()
    }

    #[cfg(not(feature = "spawn"))]
    fn orphan(&mut self) -> Orphan {
        None
    }
}

#[cfg(feature = "spawn")]
fn abort(orphan: Orphan) {
    if let Some(task) = orphan {
        task.abort();
    }
}

#[cfg(not(feature = "spawn"))]
fn abort(_: Orphan) {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Led,
    Vacant,
    Landed,
}

/// How a newcomer finds the flight.
pub(crate) enum Joined<V> {
    /// It was vacant: the newcomer leads.
    Leads {
        ticket: u64,
    },
    Follows(Follower<V>),
}

/// What a follower's poll finds.
pub(crate) enum Found {
    Landed,
    /// The flight was vacant and is this caller's now; `hasty`: its leader was so.
    TookOver {
        ticket: u64,
        hasty: bool,
    },
    /// It failed as often as this caller waits for.
    Failed,
}

impl<V> Flight<V> {
    /// A flight that is led, with no follower yet.
    pub(crate) fn led(ticket: u64, opened: Option<Instant>) -> Arc<Self> {
        Arc::new(Self {
            ticket,
            opened,
            followed: OnceCell::new(),
            outcome: OnceCell::new(),
            state: Mutex::new(State {
                stage: Stage::Led,
                followers: 0,
                joined: 0,
                failures: 0,
                takeovers: 0,
                leader: None,
                hasty: false,
                waiters: Waiters::new(),
                #[cfg(feature = "spawn")]
                owned: false,
                #[cfg(feature = "spawn")]
                task: None,
            }),
        })
    }

    // No user code runs under the lock, so what it guards is whole even after a panic elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is older than this, as far as that is known.
    pub(crate) fn is_older(&self, age: Duration) -> bool {
        self.opened.is_some_and(|opened| opened.elapsed() > age)
    }

    /// How old it is, as far as that is known.
    pub(crate) fn age(&self) -> Option<Duration> {
        let since = self.opened.as_ref().or_else(|| self.followed.get());
        since.map(Instant::elapsed)
    }

    pub(crate) fn followers(&self) -> usize {
        self.state().followers
    }

    /// Joins, under the lock of the flight's shard.
    pub(crate) fn join(self: Arc<Self>) -> Joined<V> {
        let mut state = self.state();
        if state.stage == Stage::Vacant {
            state.stage = Stage::Led;
            let ticket = self.ticket;
            return Joined::Leads { ticket };
        }
        state.followers += 1;
        state.joined = state.joined.wrapping_add(1);
        let (joined, failures) = (state.joined, state.failures);
        drop(state);
        Joined::Follows(Follower {
            flight: self,
            joined,
            failures,
            slot: Slot::NONE,
        })
    }

    /// Ends the flight, which has left the map, and wakes its followers, who are counted off by `left`
    /// before. If there are none, the leader has the outcome back.
    pub(crate) fn land(
        self: Arc<Self>,
        outcome: Outcome<V>,
        left: impl FnOnce(usize),
    ) -> Result<Arc<Self>, Outcome<V>> {
        let mut state = self.state();
        state.stage = Stage::Landed;
        if state.followers == 0 {
            return Err(outcome);
        }
        left(mem::take(&mut state.followers));
        let set = self.outcome.set(outcome);
        let wake = state.waiters.take();
        drop(state);
        debug_assert!(set.is_ok(), "a flight lands once");
        wake.all();
        Ok(self)
    }

    /// A share of the value that the flight landed with; the last one who asks takes it.
    pub(crate) fn collect(mut self: Arc<Self>, share: Share<V>) -> V {
        let last = Arc::get_mut(&mut self).and_then(|flight| flight.outcome.take());
        let value = match (last, self.outcome.get()) {
            (Some(Outcome::Value(value)), _) => value,
            (None, Some(Outcome::Value(value))) => share(value),
            // Not `panic!`: the hook has reported this panic once, for the leader.
            (Some(Outcome::Panicked(message)), _) => resume_unwind(Box::new(message)),
            (None, Some(Outcome::Panicked(message))) => resume_unwind(Box::new(message.clone())),
            (None, None) => unreachable!("collected before the flight landed"),
        };
        // The flight's own value may be the last one's to drop after all.
        aside(|| drop(self));
        value
    }

    /// Gives the flight up, its body being dropped already, under the lock of its shard. `None`: no
    /// follower is left, and the flight must leave the map.
    pub(crate) fn abandon(&self) -> Option<Wake> {
        let mut state = self.state();
        if state.followers == 0 {
            return None;
        }
        state.stage = Stage::Vacant;
        state.hasty = state.waiters.nobody_came();
        Some(state.waiters.take())
    }

    /// The same, the leader's body having failed.
    pub(crate) fn fail(&self) -> Option<Wake> {
        let mut state = self.state();
        if state.followers == 0 {
            return None;
        }
        state.stage = Stage::Vacant;
        state.failures = state.failures.wrapping_add(1);
        state.hasty = false;
        Some(state.waiters.take())
    }

    /// This is the span of its leader.
    pub(crate) fn led_by(&self, leader: LeaderId) {
        self.state().leader = Some(leader);
    }

    /// The caller that leads it is about to spawn its body, under the lock of its shard.
    #[cfg(feature = "spawn")]
    pub(crate) fn own(&self) {
        let mut state = self.state();
        state.owned = true;
        state.task = None;
    }

    /// The body's task is there.
    #[cfg(feature = "spawn")]
    pub(crate) fn spawned(&self, task: AbortHandle) {
        self.state().task = Some(task);
    }

    /// The caller that spawned the body goes.
    #[cfg(feature = "spawn")]
    pub(crate) fn disown(&self) {
        let mut state = self.state();
        state.owned = false;
        let orphan = state.orphan();
        drop(state);
        abort(orphan);
    }

    /// Whether nobody will ever lead it again, under the lock of its shard.
    pub(crate) fn is_deserted(&self) -> bool {
        let state = self.state();
        state.stage == Stage::Vacant && state.followers == 0
    }
}

/// A caller that waits for a flight.
pub(crate) struct Follower<V> {
    flight: Arc<Flight<V>>,
    joined: u32,
    /// How many bodies had failed when it joined.
    failures: u32,
    slot: Slot,
}

/// How a follower that is dropped leaves its flight.
pub(crate) enum Left {
    /// It had landed already.
    Landed,
    /// Others go on without it.
    Alone,
    /// It was the last one, and the flight is vacant.
    Deserted { ticket: u64 },
}

impl<V> Follower<V> {
    /// Waits for the landing or for a hand-over; is woken once for either.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Found> {
        if self.joined == 1 && self.slot == Slot::NONE {
            let _ = self.flight.followed.set(Instant::now());
        }
        // Cloned before the lock, dropped after it: both are code of the executor's.
        let mut waker = (self.slot == Slot::NONE).then(|| cx.waker().clone());
        loop {
            if self.flight.outcome.get().is_some() {
                return Poll::Ready(Found::Landed);
            }
            let mut state = self.flight.state();
            if state.failures.wrapping_sub(self.failures) >= FAILURES
                && state.stage != Stage::Landed
            {
                return Poll::Ready(Found::Failed);
            }
            match state.stage {
                // It landed between the look at the outcome and the lock.
                Stage::Landed => continue,
                Stage::Vacant => {
                    state.stage = Stage::Led;
                    state.followers -= 1;
                    state.takeovers += 1;
                    // Its waker was taken out when the flight was abandoned, or was never put in.
                    self.slot = Slot::NONE;
                    let hasty = state.hasty;
                    drop(state);
                    let ticket = self.flight.ticket;
                    return Poll::Ready(Found::TookOver { ticket, hasty });
                }
                Stage::Led => {}
            }
            let old = match state.waiters.get_mut(self.slot) {
                Some(waiting) if waiting.will_wake(cx.waker()) => return Poll::Pending,
                Some(waiting) => waker.take().map(|waker| mem::replace(waiting, waker)),
                None => {
                    if let Some(waker) = waker.take() {
                        self.slot = state.waiters.insert(self.joined, waker);
                        return Poll::Pending;
                    }
                    None
                }
            };
            drop(state);
            if old.is_some() {
                return Poll::Pending;
            }
            waker = Some(cx.waker().clone());
        }
    }

    pub(crate) fn ticket(&self) -> u64 {
        self.flight.ticket
    }

    /// The span of the last leader, where there is one.
    pub(crate) fn leader(&self) -> Option<LeaderId> {
        self.flight.state().leader.clone()
    }

    /// How many followers had taken over by now.
    pub(crate) fn takeovers(&self) -> u64 {
        self.flight.state().takeovers
    }

    /// The flight has landed.
    pub(crate) fn collect(self, share: Share<V>) -> V {
        self.flight.collect(share)
    }

    /// Goes. The waker is for the caller to drop.
    pub(crate) fn leave(&mut self) -> (Left, Option<Waker>) {
        let mut state = self.flight.state();
        if state.stage == Stage::Landed {
            return (Left::Landed, None);
        }
        state.followers -= 1;
        let waker = state
            .waiters
            .remove(mem::replace(&mut self.slot, Slot::NONE));
        if state.followers == 0 && state.stage == Stage::Vacant {
            let ticket = self.flight.ticket;
            return (Left::Deserted { ticket }, waker);
        }
        let orphan = state.orphan();
        drop(state);
        abort(orphan);
        (Left::Alone, waker)
    }
}
