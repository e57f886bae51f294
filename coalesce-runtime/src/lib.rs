//! The runtime of `coalesced`, which re-exports all of it: groups,
//! their flights, and the future of a caller. Depend on `coalesced`, not on this crate.
//!
//! Its folders are what a call goes through, from the top down; imports go the same way and never back
//! (`.ci/layers.py` looks):
//!
//! - `private` is what an expansion calls.
//! - `group` finds the flights of a function: who owns them, what tells functions apart.
//! - `call` is one caller: its future, what it is in a flight, what it wishes, how long it waits, where its body runs.
//! - `flight` is one execution that callers share, and the map of those of a function.
//! - `watch` is what is told of them: stats, meters, spans.
//! - `key` is what makes two calls the same.
//!
//! The files beside them are the ground that all stand on.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
#[cfg_attr(loom, path = "clock_loom.rs")]
mod clock;
mod config;
mod flight;
mod group;
mod key;
mod limits;
mod nothing;
mod panic;
#[doc(hidden)]
pub mod private;
mod role;
mod sharing;
mod switch;
mod sync;
#[cfg(any(loom, feature = "spawn"))]
#[cfg_attr(loom, path = "task_loom.rs")]
mod task;
mod watch;

pub use call::{
    forget::{forget, is_forgotten},
    report::Report,
    wish::{alone, fresh, observe},
};
pub use config::Config;
pub use group::{Group, all::groups, any::AnyGroup, idle::idle, registry::Registry};
pub use key::{Key, Part};
pub use role::Role;
pub use sharing::{Value, clone_error::CloneError, shared_error::SharedError};
pub use switch::{is_enabled, set_enabled};
pub use watch::{in_flight::InFlight, stats::Stats};
