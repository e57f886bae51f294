//! Numbers for whatever the program reports to, through the `metrics` facade (feature `metrics`).
//!
//! A recorder is the user's: one that panics is nobody's loss.

#[cfg(feature = "metrics")]
use std::panic::{AssertUnwindSafe, catch_unwind};

const UNSHARED: &str = "coalesced_cluster_unshared_total";
const LOCAL: &str = "coalesced_cluster_local_total";

/// Shows what has not happened to a function to be nought, so that its first time is seen as a rise.
pub(crate) fn announce(function: &'static str) {
    count(UNSHARED, function, 0);
    count(LOCAL, function, 0);
}

/// Counts a flight that could not be shared with other members.
pub(crate) fn unshared(function: &'static str) {
    count(UNSHARED, function, 1);
}

/// Counts a flight that was coalesced in this process alone.
pub(crate) fn local(function: &'static str) {
    count(LOCAL, function, 1);
}

#[cfg(feature = "metrics")]
fn count(name: &'static str, function: &'static str, times: u64) {
    report(|| metrics::counter!(name, "function" => function).increment(times));
}

/// Whether a member shares its flights.
#[cfg(feature = "metrics")]
pub(crate) fn connected(cluster: &'static str, is_connected: bool) {
    let now = f64::from(u8::from(is_connected));
    report(|| metrics::gauge!("coalesced_cluster_connected", "cluster" => cluster).set(now));
}

/// Says what is counted.
#[cfg(feature = "metrics")]
pub(crate) fn describe() {
    report(|| {
        metrics::describe_counter!(
            UNSHARED,
            "Flights that could not be shared with other servers."
        );
        metrics::describe_counter!(
            LOCAL,
            "Flights that were coalesced in this process alone, the cluster being away."
        );
        metrics::describe_gauge!(
            "coalesced_cluster_connected",
            "1 while this process shares its flights, else 0."
        );
    });
}

#[cfg(feature = "metrics")]
fn report(report: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(report));
}

#[cfg(not(feature = "metrics"))]
fn count(_: &'static str, _: &'static str, _: u64) {}

#[cfg(not(feature = "metrics"))]
pub(crate) fn connected(_: &'static str, _: bool) {}

#[cfg(not(feature = "metrics"))]
pub(crate) fn describe() {}
