//! One switch for the whole process.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Turns coalescing off, or on again, in the whole process, for calls that start later.
///
/// It is a kill switch also for groups that were not called yet. While it is off every call runs alone. The groups' own
/// limits stay what they are, and count again when it is on.
///
/// ```
/// coalesced::set_enabled(false);
/// # assert!(!coalesced::is_enabled());
/// coalesced::set_enabled(true);
/// ```
pub fn set_enabled(enabled: bool) {
    OFF.store(!enabled, Relaxed);
}

/// Whether coalescing is on, as it is unless [`set_enabled`] turned it off.
#[inline]
#[must_use]
pub fn is_enabled() -> bool {
    !OFF.load(Relaxed)
}

static OFF: AtomicBool = AtomicBool::new(false);
