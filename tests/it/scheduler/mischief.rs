//! Users' code that panics where it can, also while its thread unwinds already, which aborts the process unless
//! the library sees to it.

use super::chance;
use std::{
    any::Any,
    cell::Cell,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mischief {
    None,
    /// Of keys, values and bodies.
    Some,
    /// Also of wakers, and of what is panicked with. Tokio, which has wakers of ours where there are tasks and
    /// timers, and drops what tasks panic with, would not bear it.
    All,
}

thread_local! {
    static AT_LARGE: Cell<Mischief> = const { Cell::new(Mischief::None) };
}

/// Has no size, so that one that the library forgets is no leak.
pub(super) struct Planted;

impl Drop for Planted {
    fn drop(&mut self) {
        strike(Mischief::All, 4);
    }
}

/// From now on code on this thread may panic.
pub(super) fn let_loose(mischief: Mischief) {
    AT_LARGE.set(mischief);
}

/// Runs code of the library's which may run users' code, and catches what comes.
pub(super) fn caught<T>(
    mischief: Mischief,
    run: impl FnOnce() -> T,
) -> Result<T, Box<dyn Any + Send>> {
    let_loose(mischief);
    let result = catch_unwind(AssertUnwindSafe(run));
    let_loose(Mischief::None);
    result
}

/// Drops something while this thread unwinds.
pub(super) fn drop_unwinding<T>(it: T) {
    let _it = it;
    resume_unwind(Box::new(Planted));
}

/// Users' code, in the midst of the library's: other threads come in between at times, and it panics once in so
/// many times, if so much of it is let out.
pub(super) fn strike(mischief: Mischief, times: usize) {
    if chance::one_in(8) {
        thread::yield_now();
    }
    if AT_LARGE.get() >= mischief && chance::one_in(times) {
        // Not `panic!`, whose hook would tell of each.
        resume_unwind(Box::new(Planted));
    }
}

/// Whether this is a panic that was planted here, or tells a follower of one.
pub(super) fn is_planted(panic: Box<dyn Any + Send>) -> Result<(), String> {
    let panic = match panic.downcast::<Planted>() {
        Ok(planted) => {
            mem::forget(planted);
            return Ok(());
        }
        Err(panic) => panic,
    };
    match panic.downcast::<String>() {
        Ok(text) if text.ends_with("planted") || text.ends_with("(not a text)") => Ok(()),
        Ok(text) => Err(*text),
        Err(panic) => Err(panic
            .downcast_ref::<&str>()
            .map_or("an unknown panic", |text| text)
            .to_owned()),
    }
}
