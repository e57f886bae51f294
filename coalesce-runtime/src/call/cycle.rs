//! The bodies that this thread is polling, the innermost last.
//!
//! A body that comes to wait for a flight whose own body is among them would wait for itself: its
//! flight can't land before it does. That is seen here, before it waits, and told.
//!
//! Polls are nested as the stack is, unless it is one of several: a stackful coroutine can suspend a body in the
//! middle of its poll and let others begin or end. So a body takes itself out of the list wherever it is. (A
//! coroutine that goes on on another thread than it was suspended on is beyond what thread-locals can do.)
//!
//! What is polled by another task, or by another arm of one `join!`, is not among them, so a cycle
//! through these is not seen.

use std::{cell::Cell, iter::successors, ptr};

use crate::flight::id::FlightId;

/// A body that is being polled, in the stack frame that polls it.
pub(crate) struct Body {
    flight: FlightId,
    function: &'static str,
    outer: Cell<*const Body>,
}

crate::sync::per_thread! {
    // A list through the stack, since every call is in it: a vector costs four times as much.
    static INNERMOST: Cell<*const Body> = Cell::new(ptr::null());
}

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
    #[inline]
    pub(crate) fn new(flight: FlightId, function: &'static str) -> Self {
        Self {
            flight,
            function,
            outer: Cell::new(INNERMOST.with(Cell::get)),
        }
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

/// The functions of the cycle that waiting for this flight would close, if it would.
#[inline]
pub(crate) fn cycle(flight: FlightId) -> Option<String> {
    if INNERMOST.with(Cell::get).is_null() {
        return None;
    }
    find(flight)
}

#[cold]
fn find(flight: FlightId) -> Option<String> {
    // SAFETY: a body is in the list while it is borrowed by what `poll` returned, which `Caller::run` has in its
    // frame, on this thread; what is found here is not kept.
    let deref = |body: *const Body| unsafe { body.as_ref() };
    let innermost = deref(INNERMOST.with(Cell::get));
    let bodies = || successors(innermost, |body| deref(body.outer.get()));
    let first = bodies().position(|body| body.flight == flight)?;
    let mut cycle: Vec<_> = bodies().take(first + 1).collect();
    cycle.reverse();
    cycle.push(cycle[0]);
    let functions: Vec<_> = cycle
        .iter()
        .map(|body| format!("`{}`", body.function))
        .collect();
    Some(functions.join(" -> "))
}
