//! The bodies that this thread is polling, the innermost last.
//!
//! A body that comes to wait for a flight whose own body is among them would wait for itself: its
//! flight can't land before it does. That is seen here, before it waits, and told.
//!
//! What is polled by another task, or by another arm of one `join!`, is not among them, so a ring
//! through these is not seen.

use std::{cell::Cell, iter::successors, ptr};

/// Which flight, of all in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlightId {
    /// The address of the `Flights` that it is in.
    pub(crate) flights: usize,
    pub(crate) hash: u64,
    pub(crate) ticket: u64,
}

/// A body that is being polled, in the stack frame that polls it.
struct Body {
    flight: FlightId,
    function: &'static str,
    outer: *const Body,
}

crate::sync::per_thread! {
    // A list through the stack, since every call is in it: a vector costs four times as much.
    static INNERMOST: Cell<*const Body> = Cell::new(ptr::null());
}

/// Polls the body of a flight.
#[inline]
pub(crate) fn polling<T>(flight: FlightId, function: &'static str, poll: impl FnOnce() -> T) -> T {
    /// Takes the body out of the list, also in a panic.
    struct Leave(*const Body);

    impl Drop for Leave {
        fn drop(&mut self) {
            INNERMOST.with(|innermost| innermost.set(self.0));
        }
    }

    let outer = INNERMOST.with(Cell::get);
    let body = Body {
        flight,
        function,
        outer,
    };
    let _leave = Leave(outer);
    INNERMOST.with(|innermost| innermost.set(&raw const body));
    poll()
}

/// The functions of the ring that waiting for this flight would close, if it would.
pub(crate) fn ring(flight: FlightId) -> Option<String> {
    // SAFETY: a body is in the list while `polling` has it in its frame, on this thread; what is found
    // here is not kept.
    let deref = |body: *const Body| unsafe { body.as_ref() };
    let innermost = deref(INNERMOST.with(Cell::get));
    let bodies = || successors(innermost, |body| deref(body.outer));
    let first = bodies().position(|body| body.flight == flight)?;
    let mut ring: Vec<_> = bodies().take(first + 1).collect();
    ring.reverse();
    ring.push(ring[0]);
    let functions: Vec<_> = ring
        .iter()
        .map(|body| format!("`{}`", body.function))
        .collect();
    Some(functions.join(" -> "))
}
