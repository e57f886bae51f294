//! Where the outcome of a flight will be, and what else its followers know of it, in the map or not.
//!
//! Who is polled when the flight has left the map and its outcome is not there yet leaves its waker here, under the
//! landing's lock, having seen there that there is no outcome. Whoever sets the outcome takes these wakers
//! afterwards, under the same lock: so none is forgotten.

use std::{
    panic::{RefUnwindSafe, UnwindSafe, resume_unwind},
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::{
    clock::{Instant, Moment, now},
    flight::{
        elsewhere::Elsewhere,
        outcome::{Outcome, Shared},
        pair::LandingShare,
        published::Published,
        waiters::{Registered, Slot, Waiters},
    },
    sharing::{Share, Sharing},
    sync::{AtomicU16, AtomicU32, Mutex, MutexGuard, OnceCell, Ordering::Relaxed},
    watch::span::LeaderId,
};

pub(crate) struct Landing {
    pub(crate) ticket: u64,
    /// When the first follower came to wait.
    followed: Moment,
    /// Left by the first follower that waits for so long only (`max_wait`). Few have one, so it is one word.
    key: OnceCell<Box<Shared>>,
    /// Where the flight goes across to other servers; one word, as well.
    elsewhere: OnceCell<Box<Arc<dyn Elsewhere>>>,
    /// The span of the leader that landed, where there is one.
    leader: OnceCell<LeaderId>,
    /// Written once, by the owner of the flight; read by followers without a lock.
    outcome: Published<Outcome>,
    /// How many bodies failed; under the shard's lock it rises.
    failures: AtomicU16,
    /// How many bodies former followers have started. The leader raises it.
    takeovers: AtomicU32,
    /// Those who came between.
    late: Mutex<Option<Box<Waiters>>>,
}

// Whatever panics, what is in it is whole: no code of the user's runs while it is not.
impl UnwindSafe for Landing {}
impl RefUnwindSafe for Landing {}

impl Landing {
    /// That of the flight with this ticket.
    pub(super) fn of(ticket: u64) -> Self {
        Self {
            ticket,
            followed: Moment::unknown(),
            key: OnceCell::new(),
            elsewhere: OnceCell::new(),
            leader: OnceCell::new(),
            outcome: Published::not_yet(),
            failures: AtomicU16::new(0),
            takeovers: AtomicU32::new(0),
            late: Mutex::new(None),
        }
    }

    /// Its first follower comes to wait.
    pub(super) fn is_followed(&self) {
        if let Some(now) = now() {
            self.followed.set(now);
        }
    }

    pub(super) fn followed(&self) -> Option<Instant> {
        self.followed.get()
    }

    /// Leaves a key, unless there is one, for those who will look for a newer flight: their own is borrowed, and the
    /// map's goes when the flight lands.
    pub(crate) fn keep_key<K: Send + Sync + 'static>(&self, key: impl FnOnce() -> K) {
        if self.key.get().is_none() {
            // Made and dropped under no lock, the second of two that are made at once as well.
            let _ = self.key.set(Box::new(Shared::new(Box::new(key()))));
        }
    }

    /// The key that was left.
    pub(crate) fn key<K: 'static>(&self) -> &K {
        match self.key.get().and_then(|key| key.get().downcast_ref()) {
            Some(key) => key,
            None => unreachable!("who waits for so long only has left its key"),
        }
    }

    /// The flight keeps this of itself elsewhere.
    pub(crate) fn goes_across(&self, elsewhere: Arc<dyn Elsewhere>) {
        let set = self.elsewhere.set(Box::new(elsewhere));
        debug_assert!(set.is_ok(), "a flight goes across once");
    }

    /// What the flight keeps of itself elsewhere, if it goes there.
    pub(crate) fn elsewhere(&self) -> Option<&Arc<dyn Elsewhere>> {
        self.elsewhere.get().map(|it| &**it)
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

    /// A body failed. Under the shard's lock.
    pub(super) fn fails(&self) {
        self.failures
            .store(self.failures().wrapping_add(1), Relaxed);
    }

    /// How many bodies failed. Numbers that wrap will do, for two that are near each other.
    #[inline]
    pub(super) fn failures(&self) -> u16 {
        self.failures.load(Relaxed)
    }

    pub(super) fn led_by(&self, leader: LeaderId) {
        let _ = self.leader.set(leader);
    }

    /// The span of the leader that landed, where there is one.
    pub(super) fn leader(&self) -> Option<LeaderId> {
        self.leader.get().cloned()
    }

    #[inline]
    pub(crate) fn has_landed(&self) -> bool {
        self.outcome.is_set()
    }

    /// Here is the outcome; returns those who came before it was there, who are to be woken.
    ///
    /// # Safety
    ///
    /// A flight lands once.
    pub(super) unsafe fn publish(&self, outcome: Outcome) -> Option<Box<Waiters>> {
        // SAFETY: it is this landing that sets it, once.
        unsafe { self.outcome.set(outcome) };
        self.late().take()
    }

    fn late(&self) -> MutexGuard<'_, Option<Box<Waiters>>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A follower that joined with this number finds no flight: it has an outcome, or is about to have one.
    #[cold]
    pub(super) fn poll_late(&self, slot: &mut Slot, joined: u32, cx: &mut Context<'_>) -> Poll<()> {
        let mut waker = None;
        loop {
            let mut late = self.late();
            if self.has_landed() {
                return Poll::Ready(());
            }
            let waiters = late.get_or_insert_with(|| Box::new(Waiters::of_latecomers()));
            let registered = waiters.register(slot, joined, cx.waker(), &mut waker);
            drop(late);
            if let Registered::Done(_) = registered {
                return Poll::Pending;
            }
            waker = Some(cx.waker().clone());
        }
    }

    /// It goes. The waker is for the caller to drop.
    #[cold]
    pub(super) fn leave_late(&self, slot: Slot) -> Option<Waker> {
        self.late().as_mut()?.remove(slot)
    }
}

/// A share of the value that the flight landed with; the last one who asks takes it.
pub(crate) fn collect<S: Sharing<V>, V>(mut landing: LandingShare, share: Share<V>) -> V {
    if let Some(outcome) = landing.last().and_then(|landing| landing.outcome.take()) {
        return match outcome {
            Outcome::Value(value) => S::take(value.into_inner()),
            // Not `panic!`: the hook has reported this panic once, for the leader.
            Outcome::Panicked(message) => resume_unwind(Box::new(message)),
        };
    }
    match landing.outcome.get() {
        Some(Outcome::Value(value)) => S::give(value.get(), share),
        Some(Outcome::Panicked(message)) => resume_unwind(Box::new(message.clone())),
        None => unreachable!("collected before the flight landed"),
    }
}
