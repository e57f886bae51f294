//! The kill switch: coalescing off and on, in the running service.
//!
//! A group is listed from its first call on, and one that is called later starts with limits of its own. So
//! each function is called once before there is a switch, as a service may do anyway to have its caches warm.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use coalesced::Config;

#[derive(Debug)]
pub(crate) struct Switch {
    on: AtomicBool,
}

impl Switch {
    pub(crate) fn new() -> Self {
        Self {
            on: AtomicBool::new(true),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Relaxed)
    }

    /// For the calls that start from now on; those that wait for a flight still get its value.
    pub(crate) fn set(&self, on: bool) {
        let config = if on {
            Config::new() // what all our functions have
        } else {
            Config::disabled()
        };
        for group in coalesced::groups() {
            group.set_config(config);
        }
        self.on.store(on, Relaxed);
        tracing::info!("coalescing is {}", if on { "on" } else { "off" });
    }
}
