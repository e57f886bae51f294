//! A flight that is made when its first follower comes, in one word: its ticket until then.
//!
//! The map has one for each key in flight, and most flights are never followed: a word instead of two, and
//! no allocation, is what an open flight costs beside its key and hash (`cost` counts it).

use std::{fmt, marker::PhantomData, mem::ManuallyDrop, ptr, sync::Arc, task::Waker};

use crate::{
    clock::Instant,
    flight::{
        Flight, Joined, Vacated,
        caller_state::CallerState,
        elsewhere::Elsewhere,
        follower::Follower,
        landing::Landing,
        outcome::Outcome,
        pair::{LandingShare, Pair},
    },
};

/// The word has two bits to spare: a flight is at least four bytes aligned.
const TICKET: u64 = 1;
const DISPLACED: u64 = 2;
const BITS: u32 = 2;

/// A flight's ticket, or the flight; and whether it was forgotten.
pub(crate) struct LazyFlight {
    /// `ticket << BITS | TICKET`, or the address of a pair: it owns the flight, and has a share of the landing.
    word: u64,
    pair: PhantomData<(Arc<Pair>, Flight)>,
}

impl LazyFlight {
    /// Nobody follows it.
    #[inline]
    pub(crate) fn new(ticket: u64) -> Self {
        Self {
            word: ticket << BITS | TICKET,
            pair: PhantomData,
        }
    }

    /// It is made at once, since it is to remember when it was opened.
    pub(crate) fn made(ticket: u64, opened: Instant) -> Self {
        Self {
            word: word_of(ticket, Some(opened)),
            pair: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn is_displaced(&self) -> bool {
        self.word & DISPLACED != 0
    }

    pub(crate) fn displace(&mut self) {
        self.word |= DISPLACED;
    }

    #[inline]
    pub(crate) fn ticket(&self) -> u64 {
        match self.landing() {
            Some(landing) => landing.ticket,
            None => self.word >> BITS,
        }
    }

    /// Where its pair is, if it was made.
    #[inline]
    fn address(&self) -> Option<*const Pair> {
        #[expect(clippy::cast_possible_truncation, reason = "it was an address")]
        let address = (self.word & !DISPLACED) as usize;
        self.is_made()
            .then(|| ptr::with_exposed_provenance(address))
    }

    #[inline]
    fn pair(&self) -> Option<&Pair> {
        // SAFETY: `word_of` made it, in an `Arc` of which this has a share until it is dropped.
        self.address().map(|pair| unsafe { &*pair })
    }

    /// Where its outcome will be, if it was made.
    #[inline]
    pub(crate) fn landing(&self) -> Option<&Landing> {
        Some(&self.pair()?.landing)
    }

    /// The flight, if it was made.
    #[inline]
    pub(crate) fn get(&self) -> Option<&Flight> {
        // SAFETY: this owns it, and is borrowed for as long.
        Some(self.pair()?.flight.with(|flight| unsafe { &**flight }))
    }

    /// The landing, and the flight, to be changed, if they were made.
    #[inline]
    fn parts(&mut self) -> Option<(&Landing, &mut Flight)> {
        let Pair { landing, flight } = self.pair()?;
        // SAFETY: as in `get`; and nobody else borrows it.
        let flight = flight.with_mut(|flight| unsafe { &mut **flight });
        Some((landing, flight))
    }

    /// The flight, to be changed, if it was made.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> Option<&mut Flight> {
        Some(self.parts()?.1)
    }

    /// The flight, which is made if it is not there.
    #[inline]
    pub(crate) fn get_or_make(&mut self) -> &mut Flight {
        if !self.is_made() {
            self.make();
        }
        match self.get_mut() {
            Some(flight) => flight,
            None => unreachable!("it has just been made"),
        }
    }

    #[cold]
    fn make(&mut self) {
        self.word = word_of(self.ticket(), None) | self.word & DISPLACED;
    }

    /// A share of its landing, for which it is made if it is not there.
    #[inline]
    pub(crate) fn share(&mut self) -> LandingShare {
        self.get_or_make();
        let Some(pair) = self.address() else {
            unreachable!("it has just been made")
        };
        // SAFETY: as in `pair`.
        LandingShare(unsafe {
            Arc::increment_strong_count(pair);
            Arc::from_raw(pair)
        })
    }

    /// A newcomer joins, who waits for so many bodies, where they fail. If it is being polled, its waker goes into
    /// the list.
    // Its state is made in its place: to be moved, by pieces larger than those it is made of, would take longer.
    #[inline]
    pub(crate) fn join(
        &mut self,
        bodies: u16,
        waker: &mut Option<Waker>,
        state: &mut CallerState,
    ) -> Joined {
        match self.get_or_make().join(waker) {
            Some((joined, slot)) => {
                let follower = Follower::new(self.share(), joined, bodies, slot);
                *state = CallerState::Follower(follower);
                Joined::Follows
            }
            None => {
                let ticket = self.ticket();
                *state = CallerState::Leader { ticket };
                Joined::Leads
            }
        }
    }

    /// Its leader gives it up, the body being dropped already. `None`: no follower is left, and it must leave the map.
    pub(super) fn abandon(&mut self) -> Option<Vacated> {
        self.get_mut()?.abandon()
    }

    /// The same, the leader's body having failed.
    pub(super) fn fail(&mut self) -> Option<Vacated> {
        let (landing, flight) = self.parts()?;
        landing.fails();
        flight.vacate(false)
    }

    #[inline]
    pub(crate) fn is_made(&self) -> bool {
        self.word & TICKET == 0
    }

    #[inline]
    pub(crate) fn followers(&self) -> usize {
        self.get().map_or(0, Flight::followers)
    }

    /// When it was there at the latest, as far as that is known.
    pub(crate) fn since(&self) -> Option<Instant> {
        let opened = self.get().and_then(|flight| flight.opened);
        opened.or_else(|| self.landing()?.followed())
    }

    /// What it keeps of itself elsewhere, if it goes there.
    pub(crate) fn elsewhere(&self) -> Option<&Arc<dyn Elsewhere>> {
        self.landing()?.elsewhere()
    }

    /// Gives the outcome to its followers, of whom there are some. It has left the map, and they are counted off.
    pub(crate) fn publish(self, outcome: Outcome) -> LandingShare {
        let mut this = ManuallyDrop::new(self);
        if let Some((landing, flight)) = this.parts() {
            // SAFETY: it is at its end here.
            unsafe { flight.publish(landing, outcome) };
        }
        // SAFETY: it is not dropped again.
        match unsafe { this.end() } {
            Some(landing) => landing,
            None => unreachable!("it is made with the first follower"),
        }
    }

    /// Drops the flight, if it was made, and gives its share of the landing.
    ///
    /// # Safety
    ///
    /// It is used no more.
    unsafe fn end(&mut self) -> Option<LandingShare> {
        let pair = self.address()?;
        // SAFETY: as in `pair`, and this is the last use of its share.
        let pair = unsafe { Arc::from_raw(pair) };
        // SAFETY: this owns the flight, which is used no more.
        pair.flight
            .with_mut(|flight| unsafe { ManuallyDrop::drop(&mut *flight) });
        Some(LandingShare(pair))
    }
}

fn word_of(ticket: u64, opened: Option<Instant>) -> u64 {
    const { assert!(align_of::<Pair>() >= 1 << BITS) };
    let pair = Pair::new(Landing::of(ticket), Flight::led(opened));
    Arc::into_raw(pair).expose_provenance() as u64
}

impl Drop for LazyFlight {
    #[inline]
    fn drop(&mut self) {
        if self.is_made() {
            // SAFETY: it is dropped.
            drop(unsafe { self.end() });
        }
    }
}

impl fmt::Debug for LazyFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyFlight").field(&self.ticket()).finish()
    }
}
