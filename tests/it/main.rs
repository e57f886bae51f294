//! The promises of the library, a module for each; see the table "what happens when" in the README.
//! Futures are polled by hand, bodies wait at gates, and nothing sleeps.

mod accessors;
mod across;
mod bindings;
mod blocking;
mod borrowed_keys;
mod boxed;
mod calls;
mod chosen_keys;
mod cost;
mod courtesy;
mod cycles;
mod errors;
mod executors;
mod forget;
mod forgotten;
mod functions;
mod groups;
mod hidden_keys;
mod idle;
mod keys;
mod leaving;
mod left_out;
#[cfg(feature = "time")]
mod limits;
#[cfg(feature = "metrics")]
mod metered;
#[cfg(feature = "time")]
mod model;
#[cfg(all(feature = "metrics", feature = "tower", feature = "tracing"))]
mod not_shared;
#[cfg(feature = "time")]
mod pairs;
mod panics;
mod reentrancy;
mod registry;
mod scheduler;
mod shapes;
mod shared_errors;
mod shared_errors_shapes;
#[cfg(feature = "spawn")]
mod spawn;
mod stats;
mod storm;
mod stress;
mod support;
mod takeover;
#[cfg(feature = "tracing")]
mod traced;
mod unwinding;
mod vain_keys;
mod waking;
mod ways_out;
mod wishes;
mod wishes_kept;
