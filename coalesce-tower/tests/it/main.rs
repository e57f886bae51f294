//! The promises of the layers, a module for each. Futures are polled by hand, services wait at gates,
//! and nothing sleeps.

mod errors;
mod http;
mod leaving;
mod panics;
mod peer;
mod readiness;
mod sharing;
mod spawn;
mod stress;
mod support;
