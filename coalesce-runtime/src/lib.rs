//! The runtime of `coalesced`, which re-exports all of it: groups,
//! their flights, and the future of a caller. Depend on `coalesced`, not on this crate.

mod blocking;
mod call;
mod clock;
mod config;
mod flight;
mod flights;
mod function;
mod group;
mod key;
mod lazy;
#[cfg_attr(not(feature = "metrics"), path = "meter_off.rs")]
mod meter;
mod panic;
mod patience;
#[doc(hidden)]
pub mod private;
mod probe;
mod registry;
mod ring;
mod scope;
mod seat;
mod sharing;
mod shown;
#[cfg_attr(not(feature = "tracing"), path = "span_off.rs")]
mod span;
#[cfg(feature = "spawn")]
mod spawn;
mod stage;
mod stats;
mod sync;
#[cfg_attr(loom, path = "table_loom.rs")]
mod table;
mod waiters;
mod watch;

pub use config::{Config, is_enabled, set_enabled};
pub use group::Group;
pub use key::{Key, Part};
pub use registry::{AnyGroup, groups};
pub use scope::{Report, Role, alone, fresh, observe};
pub use sharing::Value;
pub use shown::InFlight;
pub use stats::Stats;
