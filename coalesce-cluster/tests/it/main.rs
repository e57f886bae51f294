//! The promises of a cluster, a module for each kind. On `Memory` the clock is paused: what is waited for takes
//! as long as it would take, and no real time.

mod away;
mod crossing;
mod faults;
mod functions;
mod leaving;
#[cfg(feature = "metrics")]
mod metered;
mod promises;
#[cfg(feature = "redis")]
mod redis;
mod schedules;
mod simulation;
mod support;
mod threads;
#[cfg(feature = "tracing")]
mod told;
mod traps;
