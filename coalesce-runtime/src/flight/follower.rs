//! A caller that waits for a flight.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    clock::now,
    flight::{Flight, outcome::Shared, stage::Stage, takeover::Turn, waiters::Slot},
    sync::Ordering::Relaxed,
    watch::span::LeaderId,
};

/// For how many bodies a caller waits, where they fail.
pub(crate) const BODIES: u16 = 2;

/// What a follower's poll finds.
pub(crate) enum Found {
    Landed,
    /// The flight was vacant and is this caller's now; `hasty`: its leader was so, and this caller was not polled
    /// since.
    TookOver {
        hasty: bool,
    },
    /// The flight was vacant, and it was another's turn: it is polled once more.
    GaveWay,
    /// It failed as often as this caller waits for.
    Failed,
}

/// A caller that waits for a flight.
pub(crate) struct Follower {
    pub(crate) flight: Arc<Flight>,
    joined: u32,
    /// How many bodies of the flight will have failed when it has waited for enough of them. Numbers that wrap
    /// will do, for this one and the next.
    enough: u16,
    /// The last hand-over in which it gave way.
    gave_way: u16,
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

/// How a newcomer finds the flight.
pub(crate) enum Joined {
    /// It was vacant: the newcomer leads.
    Leads(Arc<Flight>),
    Follows(Follower),
}

impl Flight {
    /// A newcomer joins, who waits for so many bodies, where they fail.
    #[inline]
    pub(crate) fn join(self: Arc<Self>, bodies: u16) -> Joined {
        if !self.staged.join(&self.turns) {
            return Joined::Leads(self);
        }
        let joined = self.joined.load(Relaxed).wrapping_add(1);
        self.joined.store(joined, Relaxed);
        let enough = self.failures().wrapping_add(bodies);
        Joined::Follows(Follower {
            flight: self,
            joined,
            enough,
            gave_way: 0,
            slot: Slot::NONE,
        })
    }
}

impl Follower {
    /// Waits for the landing or for a hand-over; is woken once for either.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Found> {
        if self.joined == 1 && self.slot == Slot::NONE {
            if let Some(now) = now() {
                let _ = self.flight.since.set(now);
            }
        }
        // Cloned before the lock, dropped after it: both are code of the executor's.
        let mut waker = (self.slot == Slot::NONE).then(|| cx.waker().clone());
        loop {
            if self.flight.outcome.get().is_some() {
                return Poll::Ready(Found::Landed);
            }
            let mut list = self.flight.list();
            let (stage, _) = self.flight.staged.get();
            if stage != Stage::Landed && self.bodies_left() == 0 {
                return Poll::Ready(Found::Failed);
            }
            if stage == Stage::Vacant {
                let count = self.flight.turns.count();
                let gave_way = self.gave_way == count;
                let is_oldest = list.oldest == Some(self.joined);
                if self.flight.turns.turn() == Turn::Oldest && !is_oldest && !gave_way {
                    self.gave_way = count;
                    drop(list);
                    match waker {
                        // Not by reference: to panic twice, here and where it is dropped, would be to abort.
                        Some(waker) => waker.wake(),
                        None => cx.waker().wake_by_ref(),
                    }
                    return Poll::Ready(Found::GaveWay);
                }
                if let Some(unused) = waker.take() {
                    // Its destructor may panic, which must find a follower here.
                    drop(list);
                    drop(unused);
                    continue;
                }
                if !self.flight.staged.take_over() {
                    // Somebody else did.
                    continue;
                }
                if is_oldest {
                    list.oldest = None;
                }
                // Its waker is taken out by whoever left, or was never put in.
                self.slot = Slot::NONE;
                let hasty = list.hasty && !gave_way;
                return Poll::Ready(Found::TookOver { hasty });
            }
            if self.flight.outcome.get().is_some() {
                return Poll::Ready(Found::Landed);
            }
            let old = match list.waiters.get_mut(self.slot) {
                Some(waiting) if waiting.will_wake(cx.waker()) => return Poll::Pending,
                Some(waiting) => waker.take().map(|waker| mem::replace(waiting, waker)),
                None => {
                    if let Some(waker) = waker.take() {
                        self.slot = list.waiters.insert(self.joined, waker);
                        return Poll::Pending;
                    }
                    None
                }
            };
            drop(list);
            if old.is_some() {
                return Poll::Pending;
            }
            waker = Some(cx.waker().clone());
        }
    }

    /// For how many bodies more it waits, where they fail, with the one that is there.
    pub(crate) fn bodies_left(&self) -> u16 {
        let left = self.enough.wrapping_sub(self.flight.failures());
        // More may have failed since it was polled.
        if left > BODIES { 0 } else { left }
    }

    /// Leaves its key with the flight, unless another has, for those who will look for a newer one: their own is
    /// borrowed, and the map's goes when the flight lands.
    pub(crate) fn keep_key<K: Send + Sync + 'static>(&self, key: impl FnOnce() -> K) {
        if self.flight.key.get().is_none() {
            // Made and dropped under no lock, the second of two that are made at once as well.
            let _ = self.flight.key.set(Box::new(Shared::new(Box::new(key()))));
        }
    }

    /// The key that was left.
    pub(crate) fn key<K: 'static>(&self) -> &K {
        match self
            .flight
            .key
            .get()
            .and_then(|key| key.get().downcast_ref())
        {
            Some(key) => key,
            None => unreachable!("who waits for so long only has left its key"),
        }
    }

    #[inline]
    pub(crate) fn ticket(&self) -> u64 {
        self.flight.ticket
    }

    /// The span of the last leader, where there is one.
    pub(crate) fn leader(&self) -> Option<LeaderId> {
        self.flight.list().leader.clone()
    }

    /// Goes. The waker is for the caller to drop.
    pub(crate) fn leave(&mut self) -> (Left, Option<Waker>) {
        let mut list = self.flight.list();
        let Some((stage, followers)) = self.flight.staged.leave() else {
            return (Left::Landed, None);
        };
        let waker = list
            .waiters
            .remove(mem::replace(&mut self.slot, Slot::NONE));
        list.gone = list.gone.wrapping_add(1);
        if list.oldest == Some(self.joined) {
            list.oldest = None;
        }
        if (stage, followers) == (Stage::Vacant, 0) {
            let ticket = self.flight.ticket;
            return (Left::Deserted { ticket }, waker);
        }
        let orphan = list.task.orphan(&self.flight.staged);
        drop(list);
        orphan.abort();
        (Left::Alone, waker)
    }
}
