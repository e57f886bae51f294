//! Waiting for what is in flight: `idle`, and `waiting`.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use crate::{
    flight::{id::AnyFlights, map::FlightMap},
    group::all::groups,
    watch::{census::Census, until::until},
};

/// Waits until nothing is in flight in the whole process, and no call runs by itself.
///
/// For draining bodies that are detached, at shutdown, and for tests that wait for what they started.
///
/// All groups count, those of groups and registries that were dropped while calls were under way, too; so does a
/// call that shares with nobody, as its body may be detached as well. It is woken when something ends, and asks for
/// no time. New calls are not held up, so stop accepting requests first, and give it a deadline:
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let drained = tokio::time::timeout(Duration::from_secs(10), coalesced::idle()).await;
/// assert!(drained.is_ok(), "some bodies run on");
/// # }
/// ```
///
/// A body that waits for it waits for itself. [`Group::idle`](crate::Group::idle) and
/// [`Registry::idle`](crate::Registry::idle) are the same for one owner.
///
/// # Cancel safety
///
/// It changes nothing, so it may be dropped at any time.
pub fn idle() -> impl Future<Output = ()> {
    idle_of(|census| {
        for group in groups() {
            group.0.census(census);
        }
        for flights in orphans() {
            flights.census(census);
        }
    })
}

pub(super) fn idle_of(count: impl Fn(&mut Census)) -> impl Future<Output = ()> {
    until(move || Census::is_idle(&count))
}

pub(super) fn waiting_of(callers: u64, count: impl Fn(&mut Census)) -> impl Future<Output = ()> {
    until(move || {
        let mut census = Census::default();
        count(&mut census);
        census.waiting >= callers
    })
}

type WeakFlights = Weak<dyn AnyFlights + Send + Sync>;

/// Flights whose group was dropped before they landed.
static ORPHANS: Mutex<Vec<WeakFlights>> = Mutex::new(Vec::new());

fn orphans() -> Vec<Arc<dyn AnyFlights + Send + Sync>> {
    let orphans = ORPHANS.lock().unwrap_or_else(PoisonError::into_inner);
    orphans.iter().filter_map(Weak::upgrade).collect()
}

/// The flights of a function, as long as their group is there.
pub(super) struct OfGroup<K> {
    pub(super) flights: Arc<FlightMap<K>>,
    /// Has them listed when it is gone.
    orphan: fn(&Arc<FlightMap<K>>),
}

impl<K: Send + Sync + 'static> OfGroup<K> {
    pub(super) fn new(flights: FlightMap<K>) -> Self {
        Self {
            flights: Arc::new(flights),
            orphan: |flights| {
                let flights: Arc<dyn AnyFlights + Send + Sync> = Arc::clone(flights) as _;
                let mut orphans = ORPHANS.lock().unwrap_or_else(PoisonError::into_inner);
                orphans.retain(|flights| flights.strong_count() > 0);
                orphans.push(Arc::downgrade(&flights));
            },
        }
    }
}

impl<K> Drop for OfGroup<K> {
    fn drop(&mut self) {
        let mut census = Census::default();
        self.flights.census(&mut census);
        if census.running > 0 {
            (self.orphan)(&self.flights);
        }
    }
}
