//! A caller that waits for a flight.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use crate::{
    clock::Instant,
    flight::{Flight, stage::Stage, waiters::Slot},
    sync::Ordering::Relaxed,
    watch::span::LeaderId,
};

/// How many failures a follower waits for.
const FAILURES: u32 = 2;

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

/// A caller that waits for a flight.
pub(crate) struct Follower {
    pub(crate) flight: Arc<Flight>,
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

/// How a newcomer finds the flight.
pub(crate) enum Joined {
    /// It was vacant: the newcomer leads.
    Leads {
        ticket: u64,
    },
    Follows(Follower),
}

impl Flight {
    #[inline]
    pub(crate) fn join(self: Arc<Self>) -> Joined {
        if !self.staged.join() {
            let ticket = self.ticket;
            return Joined::Leads { ticket };
        }
        let joined = self.joined.load(Relaxed).wrapping_add(1);
        self.joined.store(joined, Relaxed);
        let failures = self.failures.load(Relaxed);
        Joined::Follows(Follower {
            flight: self,
            joined,
            failures,
            slot: Slot::NONE,
        })
    }
}

impl Follower {
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
            let mut list = self.flight.list();
            let (stage, _) = self.flight.staged.get();
            if stage != Stage::Landed && self.has_waited_for_failures() {
                return Poll::Ready(Found::Failed);
            }
            if stage == Stage::Vacant {
                if !self.flight.staged.take_over() {
                    // Somebody else did.
                    continue;
                }
                // Its waker is taken out by whoever left, or was never put in.
                self.slot = Slot::NONE;
                list.takeovers += 1;
                let (ticket, hasty) = (self.flight.ticket, list.hasty);
                return Poll::Ready(Found::TookOver { ticket, hasty });
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

    fn has_waited_for_failures(&self) -> bool {
        let failures = self.flight.failures.load(Relaxed);
        failures.wrapping_sub(self.failures) >= FAILURES
    }

    #[inline]
    pub(crate) fn ticket(&self) -> u64 {
        self.flight.ticket
    }

    /// The span of the last leader, where there is one.
    pub(crate) fn leader(&self) -> Option<LeaderId> {
        self.flight.list().leader.clone()
    }

    /// How many followers had taken over by now.
    pub(crate) fn takeovers(&self) -> u64 {
        self.flight.list().takeovers
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
