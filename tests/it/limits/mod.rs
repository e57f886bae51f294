//! Limits: none fails a call, and none stampedes.

mod config;
mod max_in_flight;
mod max_wait;
mod newer_flights;
mod patience;

use crate::support::Gate;
use coalesced::Group;
use std::{future::Future, pin::Pin, time::Duration};
use tokio_test::task;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

type Call<'c> = task::Spawn<Pin<Box<dyn Future<Output = usize> + 'c>>>;

/// A call by hand whose body waits at the gate, and returns how many came there.
fn call<'c>(group: &'c Group<u64, usize>, gate: &'c Gate, key: u64) -> Call<'c> {
    task::spawn(Box::pin(group.call(key, async {
        gate.pass().await;
        gate.bodies_started()
    })))
}
