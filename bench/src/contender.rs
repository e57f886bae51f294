//! What is compared: one way of making a call.

use std::{fmt, future::Future};

use crate::{body::Body, key::Key, workload::Workload};

/// Calls with equal keys that overlap share one body, or so it says.
pub(crate) trait Contender<K: Key>: Send + Sync + 'static {
    /// Starts when it is first polled or, with some peers, here.
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Peer,
    /// What no contender can be expected to beat. It need not share anything.
    Limit,
}

/// How a contender is presented.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) name: &'static str,
    /// The package whose version is shown.
    pub(crate) package: Option<&'static str>,
    pub(crate) side: Side,
    /// What it can't do, and why.
    pub(crate) cannot: &'static [(Workload, &'static str)],
}

impl Card {
    pub(crate) fn cannot(&self, workload: Workload) -> Option<&'static str> {
        let (_, reason) = self.cannot.iter().find(|(it, _)| *it == workload)?;
        Some(reason)
    }

    /// The version that was built, as the lock file has it.
    pub(crate) fn version(&self) -> Option<&'static str> {
        const LOCK: &str = include_str!("../../Cargo.lock");
        let (_, rest) = LOCK.split_once(&format!("name = \"{}\"\nversion = \"", self.package?))?;
        rest.split('"').next()
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.version() {
            Some(version) if self.side == Side::Peer => write!(f, " {version}"),
            _ => Ok(()),
        }
    }
}
