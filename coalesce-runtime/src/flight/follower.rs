//! A caller that waits for a flight.

use std::{
    mem,
    task::{Context, Poll, Waker},
};

use crate::{
    flight::{Look, map::FlightMap, pair::LandingShare, waiters::Slot},
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
    pub(crate) landing: LandingShare,
    pub(super) joined: u32,
    /// How many bodies of the flight will have failed when it has waited for enough of them.
    enough: u16,
    /// The last hand-over in which it gave way.
    pub(super) gave_way: u16,
    /// Its waker's place, in the flight, or, if it is late, in the landing.
    pub(super) slot: Slot,
}

impl Follower {
    #[inline]
    pub(super) fn new(landing: LandingShare, joined: u32, bodies: u16, slot: Slot) -> Self {
        let enough = landing.failures().wrapping_add(bodies);
        Self {
            landing,
            joined,
            enough,
            gave_way: 0,
            slot,
        }
    }

    #[inline]
    pub(crate) fn ticket(&self) -> u64 {
        self.landing.ticket
    }

    /// It begins to wait.
    #[inline]
    pub(super) fn follows(&self) {
        if self.joined == 1 {
            self.landing.is_followed();
        }
    }

    /// For how many bodies more it waits, where they fail, with the one that is there.
    pub(crate) fn bodies_left(&self) -> u16 {
        let left = self.enough.wrapping_sub(self.landing.failures());
        // More may have failed since it was polled.
        if left > BODIES { 0 } else { left }
    }

    /// Whether its waker is in a list, or was.
    #[inline]
    pub(crate) fn has_waker(&self) -> bool {
        self.slot != Slot::NONE
    }

    /// Goes, its flight not being in the map.
    pub(super) fn leave_late(&mut self) -> Option<Waker> {
        let slot = mem::replace(&mut self.slot, Slot::NONE);
        self.landing.leave_late(slot)
    }
}

impl<K> FlightMap<K> {
    /// Polls a follower: it waits for the landing or for a hand-over, and is woken once for either.
    #[inline]
    pub(crate) fn poll(
        &self,
        hash: u64,
        follower: &mut Follower,
        cx: &mut Context<'_>,
    ) -> Poll<Found> {
        if follower.landing.has_landed() {
            return Poll::Ready(Found::Landed);
        }
        self.look(hash, follower, cx)
    }

    fn look(&self, hash: u64, follower: &mut Follower, cx: &mut Context<'_>) -> Poll<Found> {
        // Cloned before the lock, dropped after it: both are code of the executor's.
        let mut waker = (!follower.has_waker()).then(|| cx.waker().clone());
        loop {
            let ticket = follower.ticket();
            let mut shard = self.table.lock(hash);
            let entry = shard.find(hash, |entry| entry.is(ticket));
            let Some(flight) = entry.and_then(|entry| entry.flight.get_mut()) else {
                drop(shard);
                drop(waker);
                let (slot, joined) = (&mut follower.slot, follower.joined);
                let landed = follower.landing.poll_late(slot, joined, cx);
                return landed.map(|()| Found::Landed);
            };
            let look = flight.look(follower, cx.waker(), &mut waker);
            if let Look::Found(Found::TookOver { .. }) = look {
                shard.marks.leaves(1);
            }
            drop(shard);
            match look {
                Look::Waits(_old) => return Poll::Pending,
                Look::NeedsWaker => waker = Some(cx.waker().clone()),
                Look::NeedsNone => waker = None,
                Look::Found(Found::GaveWay) => {
                    match waker {
                        // Not by reference: to panic twice, here and where it is dropped, would be to abort.
                        Some(waker) => waker.wake(),
                        None => cx.waker().wake_by_ref(),
                    }
                    return Poll::Ready(Found::GaveWay);
                }
                Look::Found(found) => return Poll::Ready(found),
            }
        }
    }

    /// The span of the last leader of the flight that it waits for, or has waited for, where there is one.
    pub(crate) fn leader(&self, hash: u64, follower: &Follower) -> Option<LeaderId> {
        let ticket = follower.ticket();
        let in_the_air = || {
            let mut shard = self.table.lock(hash);
            let entry = shard.find(hash, |entry| entry.is(ticket))?;
            entry.flight.get()?.leader.clone()
        };
        follower.landing.leader().or_else(in_the_air)
    }
}
