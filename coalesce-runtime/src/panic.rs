//! Panics of the user's code that must not stop ours.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

/// Runs what nobody waits for, a waker or a destructor. If it panics, the panic hook tells of it, and
/// that is all: it may be another caller's key, and while this thread unwinds a second panic would
/// abort the process.
pub(crate) fn aside(run: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        // The destructor of what it panicked with may panic as well.
        mem::forget(panic);
    }
}

/// Runs this, and catches its panic: one code for all that is run so.
pub(crate) fn caught(run: &mut dyn FnMut()) -> thread::Result<()> {
    catch_unwind(AssertUnwindSafe(run))
}

/// A panic that is not to be told of: another one is on its way to the caller.
pub(crate) fn discard(panic: Box<dyn Any + Send>) {
    aside(|| drop(panic));
}

/// Whether this panics, as some do to tell what they are asked. The panic hook tells of it, too.
#[cfg(any(feature = "spawn", feature = "time"))]
pub(crate) fn panics(ask: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(ask)).is_err()
}

/// What a panic says, where it says it in text.
pub(crate) fn text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("(not a text)")
}
