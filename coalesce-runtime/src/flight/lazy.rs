//! A flight that is made when its first follower comes, in one word: its ticket until then.
//!
//! The map has one for each key in flight, and most flights are never followed: a word instead of two, and
//! no allocation, is what an open flight costs beside its key and hash (`cost` counts it).

use std::{fmt, marker::PhantomData, mem::ManuallyDrop, ptr, sync::Arc};

use crate::flight::{Flight, elsewhere::Elsewhere};

/// The word has two bits to spare: a flight is at least four bytes aligned.
const TICKET: u64 = 1;
const DISPLACED: u64 = 2;
const BITS: u32 = 2;

/// A flight's ticket, or the flight; and whether it was forgotten.
pub(crate) struct LazyFlight {
    /// `ticket << BITS | TICKET`, or the address of a box's flight, which it owns.
    word: u64,
    flight: PhantomData<Box<Flight>>,
}

impl LazyFlight {
    /// Nobody follows it.
    #[inline]
    pub(crate) fn new(ticket: u64) -> Self {
        Self {
            word: ticket << BITS | TICKET,
            flight: PhantomData,
        }
    }

    /// It is made at once, since it is to remember something from its start.
    pub(crate) fn made(flight: Box<Flight>) -> Self {
        Self {
            word: into_word(flight),
            flight: PhantomData,
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
        if self.is_ticket() {
            return self.word >> BITS;
        }
        // SAFETY: as in `get`.
        unsafe { (*self.pointer()).ticket }
    }

    /// Whether it has its ticket only.
    #[inline]
    fn is_ticket(&self) -> bool {
        self.word & TICKET != 0
    }

    /// Where the flight is, which was made.
    #[inline]
    fn pointer(&self) -> *mut Flight {
        #[expect(clippy::cast_possible_truncation, reason = "it was an address")]
        let address = (self.word & !DISPLACED) as usize;
        ptr::with_exposed_provenance_mut(address)
    }

    /// The flight, if it was made.
    #[inline]
    pub(crate) fn get(&self) -> Option<&Flight> {
        // SAFETY: it is no ticket, so `into_word` made it of a box, which this owns until it is dropped.
        (!self.is_ticket()).then(|| unsafe { &*self.pointer() })
    }

    /// What the flight keeps of itself elsewhere, if it goes there.
    pub(crate) fn elsewhere(&self) -> Option<&Arc<dyn Elsewhere>> {
        self.get()?.known_landing()?.elsewhere()
    }

    /// The flight, to be changed, if it was made.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> Option<&mut Flight> {
        // SAFETY: as in `get`; and this is borrowed for as long.
        (!self.is_ticket()).then(|| unsafe { &mut *self.pointer() })
    }

    /// The flight, which is made if it is not there.
    pub(crate) fn get_or_make(&mut self) -> &mut Flight {
        if self.is_ticket() {
            self.make();
        }
        match self.get_mut() {
            Some(flight) => flight,
            None => unreachable!("it has just been made"),
        }
    }

    #[cold]
    fn make(&mut self) {
        let flight = Flight::led(self.ticket(), None);
        self.word = into_word(flight) | self.word & DISPLACED;
    }

    /// The flight, if it was made.
    #[inline]
    pub(crate) fn into_flight(self) -> Option<Box<Flight>> {
        ManuallyDrop::new(self).take()
    }

    #[inline]
    fn take(&mut self) -> Option<Box<Flight>> {
        // SAFETY: as in `get`; and what calls this uses it no more.
        (!self.is_ticket()).then(|| unsafe { Box::from_raw(self.pointer()) })
    }
}

fn into_word(flight: Box<Flight>) -> u64 {
    const { assert!(align_of::<Flight>() >= 1 << BITS) };
    Box::into_raw(flight).expose_provenance() as u64
}

impl Drop for LazyFlight {
    #[inline]
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl fmt::Debug for LazyFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyFlight").field(&self.ticket()).finish()
    }
}
