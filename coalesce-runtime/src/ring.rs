//! The bodies that this thread is polling, the innermost last.
//!
//! A body that comes to wait for a flight whose own body is among them would wait for itself: its
//! flight can't land before it does. That is seen here, before it waits, and told.
//!
//! What is polled by another task, or by another arm of one `join!`, is not among them, so a ring
//! through these is not seen.

use std::cell::RefCell;

/// Which flight, of all in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlightId {
    /// The address of the `Flights` that it is in.
    pub(crate) flights: usize,
    pub(crate) hash: u64,
    pub(crate) ticket: u64,
}

struct Body {
    flight: FlightId,
    function: &'static str,
}

crate::sync::per_thread! {
    static BODIES: RefCell<Vec<Body>> = RefCell::new(Vec::new());
}

/// Polls the body of a flight.
pub(crate) fn polling<T>(flight: FlightId, function: &'static str, poll: impl FnOnce() -> T) -> T {
    struct Pop;

    impl Drop for Pop {
        fn drop(&mut self) {
            let _ = BODIES.try_with(|bodies| bodies.borrow_mut().pop());
        }
    }

    // A thread that is ending has no list any more, and sees no rings.
    let pushed = BODIES.try_with(|bodies| bodies.borrow_mut().push(Body { flight, function }));
    let _pop = pushed.ok().map(|()| Pop);
    poll()
}

/// The functions of the ring that waiting for this flight would close, if it would.
pub(crate) fn ring(flight: FlightId) -> Option<String> {
    BODIES
        .try_with(|bodies| {
            let bodies = bodies.borrow();
            let first = bodies.iter().position(|body| body.flight == flight)?;
            let ring = bodies[first..].iter().chain(&bodies[first..=first]);
            let functions: Vec<_> = ring.map(|body| format!("`{}`", body.function)).collect();
            Some(functions.join(" -> "))
        })
        .ok()
        .flatten()
}
