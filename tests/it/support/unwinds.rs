//! Panics that a test expects.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What this unwinds with.
#[track_caller]
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it should have panicked"),
        Err(panic) => panic,
    }
}

/// What this unwinds with, as text.
#[track_caller]
pub(crate) fn unwinds<T>(run: impl FnOnce() -> T) -> String {
    match caught(run).downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}
