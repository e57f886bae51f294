//! One execution that callers share.
//!
//! 1. The leader of a key holds a ticket only; nothing is allocated. The first follower makes the
//!    flight, under the shard lock that found the key taken, so that a landing is seen either
//!    before (there is no flight: lead a new one) or after (its value), never between.
//! 2. *Led*: a body is alive. Followers wait, each with a waker in the list.
//! 3. The leader lands the flight: *landed*, the outcome is set, all followers are woken.
//! 4. Or it abandons it (its future is dropped, with its body): *vacant*, all followers are woken,
//!    newest first, and whoever is polled first takes over, which makes it *led* again. A newcomer
//!    that finds a vacant flight leads it at once. So nobody waits for one who is not polled.
//! 5. A follower that is dropped takes its waker out. If the flight was vacant and it was the last
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
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use once_cell::sync::OnceCell;

use crate::waiters::{Slot, Waiters, Wake};

/// How a value is given to one more caller.
pub(crate) type Share<V> = fn(&V) -> V;

/// What the leader landed with.
#[derive(Debug)]
pub(crate) enum Outcome<V> {
    Value(V),
    /// The message that each follower unwinds with.
    Panicked(String),
}

pub(crate) struct Flight<V> {
    pub(crate) ticket: u64,
    /// Written once, by the landing; read by followers without a lock.
    outcome: OnceCell<Outcome<V>>,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    /// Callers that wait, whether or not they were polled since they joined.
    followers: usize,
    /// How many followers ever joined: the age of each.
    joined: u64,
    waiters: Waiters,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Led,
    Vacant,
    Landed,
}

/// How a newcomer finds the flight.
pub(crate) enum Joined<V> {
    /// It was vacant: the newcomer leads.
    Leads,
    Follows(Follower<V>),
}

/// What a follower's poll finds.
pub(crate) enum Found<V> {
    Landed(V),
    /// The flight was vacant and is this caller's now.
    TookOver {
        ticket: u64,
    },
}

impl<V> Flight<V> {
    /// A flight that is led, with no follower yet.
    pub(crate) fn led(ticket: u64) -> Arc<Self> {
        Arc::new(Self {
            ticket,
            outcome: OnceCell::new(),
            state: Mutex::new(State {
                stage: Stage::Led,
                followers: 0,
                joined: 0,
                waiters: Waiters::new(),
            }),
        })
    }

    // No user code runs under the lock, so what it guards is whole even after a panic elsewhere.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins, under the lock of the flight's shard.
    pub(crate) fn join(self: &Arc<Self>) -> Joined<V> {
        let mut state = self.state();
        if state.stage == Stage::Vacant {
            state.stage = Stage::Led;
            return Joined::Leads;
        }
        state.followers += 1;
        state.joined += 1;
        let joined = state.joined;
        drop(state);
        Joined::Follows(Follower {
            flight: Arc::clone(self),
            joined,
            slot: None,
        })
    }

    /// Ends the flight, which has left the map, and wakes its followers. The leader gets the value
    /// back if nobody waits for it, else a share of it.
    ///
    /// The followers are counted off by `left` before they are woken.
    pub(crate) fn land(
        mut self: Arc<Self>,
        value: V,
        share: Share<V>,
        left: impl FnOnce(usize),
    ) -> V {
        match self.publish(Outcome::Value(value), left) {
            Err(Outcome::Value(value)) => value,
            _ => Self::collect(&mut self, share),
        }
    }

    /// The same, when the leader's body panicked.
    pub(crate) fn land_panicked(&self, message: String, left: impl FnOnce(usize)) {
        let _ = self.publish(Outcome::Panicked(message), left);
    }

    fn publish(&self, outcome: Outcome<V>, left: impl FnOnce(usize)) -> Result<(), Outcome<V>> {
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
        wake.newest_first();
        Ok(())
    }

    /// A share of the value that the flight landed with; the last one who asks takes it.
    fn collect(this: &mut Arc<Self>, share: Share<V>) -> V {
        let outcome = match Arc::get_mut(this) {
            Some(flight) => flight.outcome.take(),
            None => match this.outcome.get() {
                Some(Outcome::Value(value)) => Some(Outcome::Value(share(value))),
                Some(Outcome::Panicked(message)) => Some(Outcome::Panicked(message.clone())),
                None => None,
            },
        };
        match outcome {
            Some(Outcome::Value(value)) => value,
            // Not `panic!`: the hook has reported this panic once, for the leader.
            Some(Outcome::Panicked(message)) => resume_unwind(Box::new(message)),
            None => unreachable!("collected before the flight landed"),
        }
    }

    /// Gives the flight up, its body being dropped already, under the lock of its shard. `None`: no
    /// follower is left, and the flight must leave the map.
    pub(crate) fn abandon(&self) -> Option<Wake> {
        let mut state = self.state();
        if state.followers == 0 {
            return None;
        }
        state.stage = Stage::Vacant;
        Some(state.waiters.take())
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
    joined: u64,
    slot: Option<Slot>,
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
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, share: Share<V>) -> Poll<Found<V>> {
        // Cloned before the lock, dropped after it: both are code of the executor's.
        let mut waker = self.slot.is_none().then(|| cx.waker().clone());
        loop {
            if self.flight.outcome.get().is_some() {
                return Poll::Ready(Found::Landed(Flight::collect(&mut self.flight, share)));
            }
            let mut state = self.flight.state();
            match state.stage {
                // It landed between the look at the outcome and the lock.
                Stage::Landed => continue,
                Stage::Vacant => {
                    state.stage = Stage::Led;
                    state.followers -= 1;
                    let unused = self.slot.take().and_then(|slot| state.waiters.remove(slot));
                    drop(state);
                    drop(unused);
                    return Poll::Ready(Found::TookOver {
                        ticket: self.flight.ticket,
                    });
                }
                Stage::Led => {}
            }
            let old = match self.slot.and_then(|slot| state.waiters.get_mut(slot)) {
                Some(waiting) if waiting.will_wake(cx.waker()) => return Poll::Pending,
                Some(waiting) => waker.take().map(|waker| mem::replace(waiting, waker)),
                None => {
                    if let Some(waker) = waker.take() {
                        self.slot = Some(state.waiters.insert(self.joined, waker));
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

    pub(crate) fn leave(&mut self) -> Left {
        let mut state = self.flight.state();
        if state.stage == Stage::Landed {
            return Left::Landed;
        }
        state.followers -= 1;
        let deserted = state.followers == 0 && state.stage == Stage::Vacant;
        let unused = self.slot.take().and_then(|slot| state.waiters.remove(slot));
        drop(state);
        drop(unused);
        if deserted {
            Left::Deserted {
                ticket: self.flight.ticket,
            }
        } else {
            Left::Alone
        }
    }
}
