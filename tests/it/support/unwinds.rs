//! Panics that a test expects.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What this unwinds with, as text.
pub(crate) fn unwinds<T>(run: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it should have panicked"),
        Err(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
        },
    }
}
