//! The handle: a name, how it is set, and the member that a process has in it once it is connected.

pub(crate) mod attribute;
pub(crate) mod connect_error;
pub(crate) mod crossing;
mod forget;
pub(crate) mod function;
pub(crate) mod functions;
mod kept;
pub(crate) mod lead;
mod names;

use std::{
    error::Error,
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock, atomic::Ordering},
    time::Duration,
};

use coalesce_runtime::Registry;
use tokio::sync::oneshot;

use self::{
    connect_error::ConnectError,
    crossing::{Crossing, LONGEST_NAME},
    functions::Functions,
    names::{Names, Owner},
};
use crate::{
    engine::{Place, Space},
    frame::Whole,
    health::Health,
    member::{Command, Link, Settings},
    meter,
    stats::{Stats, Tally},
};

/// Processes that share flights: those that have connected a cluster of this name, in one namespace of one engine.
///
/// Unconnected, and while the engine is away, each process is for itself, and a call costs nothing more.
///
/// ```
/// use std::time::Duration;
///
/// use coalesced::cluster::{Cluster, Health, Memory};
///
/// static SHOP: Cluster = Cluster::new("shop");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// SHOP.connect(Memory::new())?;
/// assert!(SHOP.connected(Duration::from_secs(1)).await);
/// assert_eq!(SHOP.health(), Health::Connected);
/// SHOP.close().await;
/// # Ok(())
/// # }
/// ```
pub struct Cluster {
    name: &'static str,
    /// Of the functions that name it by `cluster = ..`.
    calls: Registry,
    settings: Settings,
    tally: OnceLock<Arc<Tally>>,
    state: RwLock<State>,
    names: Names,
}

enum State {
    Unconnected,
    Connected {
        place: String,
        space: Space,
        link: Arc<Link>,
    },
    Closed,
}

const LONGEST_LEASE: Duration = Duration::from_secs(60 * 60 * 24);

/// The engine is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away;

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cluster is away; the others are told when it is back")
    }
}

impl Error for Away {}

impl Cluster {
    /// A cluster of this name, unconnected.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            calls: Registry::new().named(name),
            settings: Settings {
                lease: Duration::from_secs(3),
                max_payload: 1 << 20,
            },
            tally: OnceLock::new(),
            state: RwLock::new(State::Unconnected),
            names: Names::new(),
        }
    }

    /// How long the others wait for a member that has been killed, or cut off: 3 s. A living one renews its leases each
    /// second; two seconds are the least that makes sense.
    #[must_use]
    pub const fn lease(mut self, time: Duration) -> Self {
        self.settings.lease = time;
        self
    }

    /// The size of the largest value that crosses, in bytes: 1 MiB. Who gets a larger one keeps it to itself.
    #[must_use]
    pub const fn max_payload(mut self, bytes: usize) -> Self {
        self.settings.max_payload = bytes;
        self
    }

    /// Where the flights of a function go that has this name in all members. A name is one function's: to a second one
    /// it is refused, and its flights stay in this process; see [`Stats::unshared`].
    ///
    /// # Panics
    ///
    /// If the name is empty, or has more than 200 bytes.
    #[must_use]
    pub const fn across(&self, name: &'static str) -> Crossing<'_, Whole> {
        Crossing::new(self, name)
    }

    /// Where the flights of many functions go, each by its own name, as [`across`](Self::across): for a registry.
    #[must_use]
    pub const fn functions(&self) -> Functions<'_> {
        Functions::new(self)
    }

    /// Becomes a member; returns at once. An engine that is away is no error: it is tried again until it is there. Where
    /// this process is connected already, nothing happens.
    ///
    /// # Errors
    ///
    /// If a name or a namespace is empty or has more than 200 bytes, if the lease is zero or longer than a day, if this process is
    /// connected to something else, or if there is no thread to be had.
    pub fn connect(&self, place: impl Place) -> Result<(), ConnectError> {
        let space = place.space().clone();
        for (what, name) in [
            ("the cluster", self.name),
            ("the namespace", &space.namespace),
        ] {
            if name.is_empty() || name.len() > LONGEST_NAME {
                return Err(ConnectError::Name(what, name.len()));
            }
        }
        if self.settings.lease.is_zero() || self.settings.lease > LONGEST_LEASE {
            return Err(ConnectError::Lease);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let asked = place.name();
        if let State::Connected {
            place, space: old, ..
        } = &*state
        {
            return if *place == asked && *old == space {
                Ok(())
            } else {
                Err(ConnectError::Elsewhere(place.clone()))
            };
        }
        meter::describe();
        let link = Link::start(place, self.name, self.settings, Arc::clone(self.tally()))?;
        let place = asked;
        *state = State::Connected { place, space, link };
        Ok(())
    }

    /// Waits until this process shares its flights: for tests, and at a start whose first calls are to be shared, too. A
    /// server is ready without: one that says it is not while the engine is away takes itself out of service. `false`: not within this time, or not
    /// at all, since nobody has called [`connect`](Self::connect).
    pub async fn connected(&self, within: Duration) -> bool {
        let Some(link) = self.link() else {
            return false;
        };
        let (told, connected) = oneshot::channel();
        link.send(Command::Connected { within, told });
        connected.await.unwrap_or(false)
    }

    /// Whether this process shares its flights, and if not, why.
    #[must_use]
    pub fn health(&self) -> Health {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Unconnected => Health::Unconnected,
            State::Connected { link, .. } => link.shared.pulse.health(),
            State::Closed => Health::Closed,
        }
    }

    /// What the calls of this process came to in the cluster.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.tally().stats()
    }

    /// How many flights of this process lead or wait in the cluster now, or have ended and the engine has not said
    /// that it knows.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.link()
            .map_or(0, |link| link.shared.in_flight.load(Ordering::Relaxed))
    }

    /// Leaves the cluster: gives the leases back, so that nobody waits for them, and tells who waits here to run.
    /// Bodies that run go on, for their callers here: so at shutdown let requests come to their end first, and close
    /// then. Takes a quarter of a second at most. Dropped early, it is done all the same.
    pub async fn close(&self) {
        let closed = std::mem::replace(
            &mut *self.state.write().unwrap_or_else(PoisonError::into_inner),
            State::Closed,
        );
        if let State::Connected { link, .. } = closed {
            let (told, closed) = oneshot::channel();
            link.send(Command::Close { told });
            // An error: it was closed already.
            let _ = closed.await;
        }
    }

    /// The member, if there is one.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Connected { link, .. } => Some(Arc::clone(link)),
            _ => None,
        }
    }

    pub(crate) fn tally(&self) -> &Arc<Tally> {
        self.tally.get_or_init(Arc::default)
    }

    /// Whether this name is this function's.
    pub(crate) fn owns(&self, name: &'static str, owner: Owner) -> bool {
        self.names.owns(name, owner)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("name", &self.name)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
