//! The runtime of a schedule that has tasks.

use super::{chance, mischief, plan::Plan};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::runtime::{Builder, EnterGuard, Handle};

/// None, where there are no tasks.
pub(super) struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    pub(super) fn new(plan: &Plan) -> Self {
        let Plan { seed, mischief, .. } = *plan;
        let started = AtomicU64::new(64);
        Self(plan.tasks.then(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name(format!("seed {seed}"))
                .on_thread_start(move || {
                    chance::seed(seed << 8 | started.fetch_add(1, Relaxed));
                    // Tokio catches what a task panics with.
                    mischief::let_loose(mischief);
                })
                .enable_time()
                .build()
                .unwrap()
        }))
    }

    pub(super) fn place(&self) -> Place {
        Place(self.0.as_ref().map(|runtime| runtime.handle().clone()))
    }
}

/// Where a thread may spawn tasks.
pub(super) struct Place(Option<Handle>);

impl Place {
    pub(super) fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.as_ref().map(Handle::enter)
    }
}
