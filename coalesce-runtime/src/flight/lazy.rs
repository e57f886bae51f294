//! A flight that is made when its first follower comes, in one word: its ticket until then.
//!
//! The map has one for each key in flight, and most flights are never followed: a word instead of two, and
//! no allocation, is what an open flight costs beside its key and hash (`cost` counts it).

use std::{fmt, marker::PhantomData, mem::ManuallyDrop, ptr, sync::Arc};

use crate::flight::Flight;

/// The word has two bits to spare: a flight is at least four bytes aligned.
const TICKET: u64 = 1;
const DISPLACED: u64 = 2;
const BITS: u32 = 2;

/// A flight's ticket, or the flight; and whether it was forgotten.
pub(crate) struct LazyFlight {
    /// `ticket << BITS | TICKET`, or the address of an `Arc`'s flight, which it owns a share of.
    word: u64,
    flight: PhantomData<Arc<Flight>>,
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
    pub(crate) fn made(flight: Arc<Flight>) -> Self {
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
        self.get().map_or(self.word >> BITS, |flight| flight.ticket)
    }

    /// The flight, if anybody ever followed it.
    #[inline]
    pub(crate) fn get(&self) -> Option<ManuallyDrop<Arc<Flight>>> {
        if self.word & TICKET != 0 {
            return None;
        }
        // SAFETY: it is no ticket, so `into_word` made it of an `Arc`, whose share is given back by
        // `into_flight` or `drop` only; what is made of it here is not dropped.
        Some(ManuallyDrop::new(unsafe {
            from_word(self.word & !DISPLACED)
        }))
    }

    /// A share of the flight, which is made if this is the first.
    #[inline]
    pub(crate) fn share(&mut self) -> Arc<Flight> {
        match self.get() {
            Some(flight) => Arc::clone(&flight),
            None => self.make(),
        }
    }

    #[cold]
    fn make(&mut self) -> Arc<Flight> {
        let flight = Flight::led(self.ticket(), None, 0);
        self.word = into_word(Arc::clone(&flight)) | self.word & DISPLACED;
        flight
    }

    /// The flight, if anybody ever followed it.
    #[inline]
    pub(crate) fn into_flight(self) -> Option<Arc<Flight>> {
        ManuallyDrop::new(self).get().map(ManuallyDrop::into_inner)
    }
}

fn into_word(flight: Arc<Flight>) -> u64 {
    const { assert!(align_of::<Flight>() >= 1 << BITS) };
    Arc::into_raw(flight).expose_provenance() as u64
}

/// # Safety
///
/// The word is of `into_word`, and each word is owned once.
#[inline]
unsafe fn from_word(word: u64) -> Arc<Flight> {
    #[expect(clippy::cast_possible_truncation, reason = "it was an address")]
    let flight = ptr::with_exposed_provenance(word as usize);
    // SAFETY: by `into_word` it is the pointer of an `Arc`.
    unsafe { Arc::from_raw(flight) }
}

impl Drop for LazyFlight {
    #[inline]
    fn drop(&mut self) {
        drop(self.get().map(ManuallyDrop::into_inner));
    }
}

impl fmt::Debug for LazyFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LazyFlight").field(&self.ticket()).finish()
    }
}
