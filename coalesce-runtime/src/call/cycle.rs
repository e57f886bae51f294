//! The bodies that this thread is polling, the innermost last.
//!
//! A body that comes to wait for a flight whose own body is among them would wait for itself: its
//! flight can't land before it does. That is seen here, before it waits, and told.
//!
//! A body can also ask here whether its flight was forgotten. One of a call that shares with nobody is in the list
//! as well, so that it does not ask about another's: it has none that a writer could have had forgotten.
//!
//! Polls are nested as the stack is, unless it is one of several: a stackful coroutine can suspend a body in the
//! middle of its poll and let others begin or end. So a body takes itself out of the list wherever it is. (A
//! coroutine that goes on on another thread than it was suspended on is beyond what thread-locals can do.)
//!
//! What is polled by another task, or by another arm of one `join!`, is not among them, so a cycle
//! through these is not seen.

use std::{cell::Cell, iter::successors, mem, ptr};

use crate::flight::id::{AnyFlights, FlightId};

/// A body that is being polled, in the stack frame that polls it.
pub(crate) struct Body {
    flights: *const dyn AnyFlights,
    hash: u64,
    ticket: u64,
    outer: Cell<*const Body>,
}

crate::sync::per_thread! {
    // A list through the stack, since every call is in it: a vector costs four times as much.
    static INNERMOST: Cell<*const Body> = Cell::new(ptr::null());
}

/// No flight has this ticket.
const NONE: u64 = u64::MAX;

/// Takes a body out of the list, also in a panic.
pub(crate) struct Polled<'b>(&'b Body);

impl Drop for Polled<'_> {
    #[inline]
    fn drop(&mut self) {
        INNERMOST.with(|innermost| {
            if ptr::eq(innermost.get(), self.0) {
                innermost.set(self.0.outer.get());
            } else {
                self.0.unlink(innermost.get());
            }
        });
    }
}

impl Body {
    /// The body of a call of these flights; of which flight, if it leads one.
    #[inline]
    pub(crate) fn new(flights: &dyn AnyFlights, hash: u64, ticket: Option<u64>) -> Self {
        // SAFETY: only the lifetime is another. What is behind it outlives the call, whose `Body` is in the list no
        // longer than a poll of the call lasts; nothing looks at it but what is found in the list.
        let flights = unsafe {
            mem::transmute::<*const dyn AnyFlights, *const (dyn AnyFlights + 'static)>(flights)
        };
        Self {
            flights,
            hash,
            ticket: ticket.unwrap_or(NONE),
            outer: Cell::new(INNERMOST.with(Cell::get)),
        }
    }

    fn flights(&self) -> &dyn AnyFlights {
        // SAFETY: as in `new`.
        unsafe { &*self.flights }
    }

    fn is(&self, flight: FlightId) -> bool {
        (self.ticket, self.hash) == (flight.ticket, flight.hash)
            && self.flights.addr() == flight.flights
    }

    /// It was suspended within its poll, and others that began later have not ended.
    #[cold]
    fn unlink(&self, innermost: *const Self) {
        // SAFETY: as in `find`.
        let deref = |body: *const Self| unsafe { body.as_ref() };
        let mut bodies = successors(deref(innermost), |body| deref(body.outer.get()));
        if let Some(inner) = bodies.find(|body| ptr::eq(body.outer.get(), self)) {
            inner.outer.set(self.outer.get());
        }
    }

    /// It is polled while what this returns is there, which is in the same frame.
    #[inline]
    pub(crate) fn poll(&self) -> Polled<'_> {
        INNERMOST.with(|innermost| innermost.set(self));
        Polled(self)
    }
}

/// Whether the innermost body has no flight that could be joined, or no more.
pub(crate) fn is_displaced() -> bool {
    // SAFETY: as in `find`.
    let innermost = unsafe { INNERMOST.with(Cell::get).as_ref() };
    innermost.is_some_and(|body| {
        body.ticket == NONE || body.flights().is_displaced(body.hash, body.ticket)
    })
}

/// Whether this thread is polling a body, which may come to wait for itself.
#[inline]
pub(crate) fn is_polling() -> bool {
    !INNERMOST.with(Cell::get).is_null()
}

/// The functions of the cycle that waiting for this flight would close, if it would.
#[cold]
pub(crate) fn cycle(flight: FlightId) -> Option<String> {
    // SAFETY: a body is in the list while it is borrowed by what `poll` returned, which `Caller::run` has in its
    // frame, on this thread; what is found here is not kept.
    let deref = |body: *const Body| unsafe { body.as_ref() };
    let innermost = deref(INNERMOST.with(Cell::get));
    let bodies = || successors(innermost, |body| deref(body.outer.get()));
    let first = bodies().position(|body| body.is(flight))?;
    let mut cycle: Vec<_> = bodies().take(first + 1).collect();
    cycle.reverse();
    cycle.push(cycle[0]);
    let functions: Vec<_> = cycle
        .iter()
        .map(|body| format!("`{}`", body.flights().name()))
        .collect();
    Some(functions.join(" -> "))
}
