//! The runtime of `coalesced`, which re-exports all of it: groups,
//! their flights, and the future of a caller. Depend on `coalesced`, not on this crate.

mod call;
#[cfg_attr(loom, path = "clock_loom.rs")]
mod clock;
mod config;
mod flight;
mod group;
mod key;
mod limits;
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
    report::Report,
    wish::{alone, fresh, observe},
};
pub use config::Config;
pub use group::{Group, all::groups, any::AnyGroup};
pub use key::{Key, Part};
pub use role::Role;
pub use sharing::Value;
pub use switch::{is_enabled, set_enabled};
pub use watch::{in_flight::InFlight, stats::Stats};
