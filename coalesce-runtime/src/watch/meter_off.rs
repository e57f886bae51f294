//! The meter of `meter.rs` where the feature `metrics` is off: nothing.

use crate::{role::Role, watch::counters::Event};

#[derive(Debug)]
pub(crate) struct Meter;

#[derive(Debug)]
pub(crate) struct Stopwatch;

impl Meter {
    pub(crate) fn new(_: &'static str) -> Self {
        Self
    }

    pub(crate) fn call(&self, _: Role) {}
    pub(crate) fn event(&self, _: Event) {}
    pub(crate) fn in_flight(&self, _: impl Fn() -> u64) {}
    pub(crate) fn waiting(&self, _: impl Fn() -> u64) {}
    pub(crate) fn waited(&self, _: Time) {}
    pub(crate) fn ran(&self, _: Time) {}
}

pub(crate) struct Time;

impl Stopwatch {
    pub(crate) const STOPPED: Self = Self;

    pub(crate) fn start() -> Self {
        Self
    }

    pub(crate) fn stop(&mut self) -> Time {
        Time
    }
}
