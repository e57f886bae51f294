//! Whether a member can ask the others.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{meter, warn};

/// Whether this process shares its flights with others, and if not, why: [`Cluster::health`](crate::Cluster::health).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// Nobody has called [`Cluster::connect`](crate::Cluster::connect).
    Unconnected,
    /// It connects for the first time.
    Connecting,
    /// It shares.
    Connected,
    /// The engine is away, does not answer in time, or answers with an error; it is tried again by itself.
    Away(String),
    /// The engine is no use before somebody changes something: a wrong password, missing rights, too old. It is
    /// tried again twice a minute.
    Refused(String),
    /// [`Cluster::close`](crate::Cluster::close) was called.
    Closed,
}

/// The health, and a switch that callers read first.
#[derive(Debug)]
pub(crate) struct Pulse {
    cluster: &'static str,
    here: AtomicBool,
    health: Mutex<Health>,
}

impl Pulse {
    pub(crate) fn connecting(cluster: &'static str) -> Self {
        Self {
            cluster,
            here: AtomicBool::new(false),
            health: Mutex::new(Health::Connecting),
        }
    }

    /// Whether the engine may be asked.
    pub(crate) fn is_here(&self) -> bool {
        self.here.load(Ordering::Relaxed)
    }

    pub(crate) fn health(&self) -> Health {
        self.health
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reports whether it is.
    pub(crate) fn report(&self) {
        meter::connected(self.cluster, self.is_here());
    }

    /// Says once what is new.
    pub(crate) fn set(&self, health: Health) {
        self.here
            .store(health == Health::Connected, Ordering::Relaxed);
        self.report();
        let was = {
            let mut now = self.health.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *now, health.clone())
        };
        // A refusal is told once, not again with every attempt.
        if was != health {
            warn::health(self.cluster, &was, &health);
        }
    }
}
