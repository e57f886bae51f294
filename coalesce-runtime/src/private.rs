//! What expansions of `#[coalesce]` call. Not public: an expansion and this module are of one
//! version.
//!
//! An expansion joins while it borrows its arguments, and then builds the body that takes them:
//!
//! ```text
//! let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!     key => {
//!         static HIDDEN: Hidden = Hidden::new(Function::NEW);
//!         join::<_, _, Ret, _>(&HIDDEN, Show::new(&key).coalesced_show(), key)
//!     }
//! };
//! run(place, async move { .. }).await
//! ```

use std::{fmt, future::Future, marker::PhantomData, ops::Deref, sync::Arc, time::Duration};

use crate::{
    call::{
        Call, blocking, caller::Caller, max_wait::Driver, no_key::NoKey, wish::is_to_be_forgotten,
    },
    flight::map::FlightMap,
    key::Key,
    role::Role,
    sharing::Share,
};

#[cfg(any(loom, feature = "spawn"))]
use crate::call::spawn::SpawnedCall;
pub use crate::clock::{Instant, now};
/// By this path, since a user's crate may have another `::core`.
pub use ::core;

pub use crate::config::Config;
pub use crate::group::{
    function::Function,
    hidden::Hidden,
    home::{ByHand, Home, Owned, OwnedRegistry, Static, StaticRegistry},
    typed::{Behind, GroupOf, owned_group, static_group},
};
pub use crate::key::show::{Show, Shown};
pub use crate::key::{
    argument::{Found, Probe},
    refusal::{
        Vouch, VouchAsker, VouchConnection, VouchGeneric, VouchReceiver, VouchUnordered, asker,
        connection, generic, part, receiver, unordered,
    },
};
pub use crate::nothing::Nothing;
pub use crate::sharing::{
    OnlyOk, Sharing, Whole, cloned,
    fallible::{Fallible, cloned_but_err},
    refusal::error,
    value::{bounded, local, response, stream, value},
    way::{ByClone, Way},
};

/// What the models of `tests/loom` do by hand.
#[cfg(loom)]
pub mod by_hand {
    pub use crate::{
        clock::ring,
        task::{join_tasks, shut_down},
        watch::span::{current_span, followed, trace},
    };
}

/// The place that a call of a function with the body `F` has taken.
#[must_use]
pub struct Place<H: Deref<Target = FlightMap<K>>, S, K, V, F> {
    caller: Caller<H, K>,
    share: Share<V>,
    types: PhantomData<fn() -> (S, F)>,
}

impl<H: Deref<Target = FlightMap<K>>, S, K, V, F> Place<H, S, K, V, F> {
    /// What the call is for now.
    #[must_use]
    pub fn role(&self) -> Role {
        self.caller.role()
    }

    /// Polls what it runs by itself, where that is no future of ours.
    pub fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.caller.run(poll)
    }

    /// It has what it came for, by another way than a landing: who follows waits no more, who is alone has run.
    pub fn finish(mut self) {
        self.caller.finish();
    }
}

impl<H: Deref<Target = FlightMap<K>>, S, K, V, F> fmt::Debug for Place<H, S, K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.caller).finish()
    }
}

/// A place that borrows no group.
pub type OwnedPlace<S, K, V, F> = Place<Arc<FlightMap<K>>, S, K, V, F>;

/// What [`run`] makes of it.
pub type OwnedCall<S, K, V, F> = Call<Arc<FlightMap<K>>, NoKey, S, K, V, F>;

/// What [`spawn`] makes of it.
#[cfg(any(loom, feature = "spawn"))]
pub type OwnedSpawnedCall<S, K, V, F> = SpawnedCall<Arc<FlightMap<K>>, S, K, V, F>;

/// Joins the flight of this key, or opens one.
pub fn join<G, Q, K, V, S, F>(
    home: G,
    shown: Option<Shown>,
    key: Q,
    way: Way<S, V>,
) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    Q: Key<K>,
    S: Sharing<V>,
{
    let mut caller = Caller::outside(home.flights::<F>(shown));
    caller.join(&key, Driver::Task);
    Place {
        caller,
        share: way.share,
        types: PhantomData,
    }
}

/// The same for a plain `fn`, which goes on with [`block`].
pub fn join_blocking<G, Q, K, V, S, F>(
    home: G,
    shown: Option<Shown>,
    key: Q,
    way: Way<S, V>,
) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    Q: Key<K>,
    S: Sharing<V>,
{
    let mut caller = Caller::outside(home.flights::<F>(shown));
    caller.join(&key, Driver::Thread);
    Place {
        caller,
        share: way.share,
        types: PhantomData,
    }
}

/// Joins nothing: `bypass = ..`.
pub fn alone<G, K, V, S, F>(home: G, way: Way<S, V>) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    S: Sharing<V>,
{
    let mut caller = Caller::outside(home.flights::<F>(None));
    caller.alone();
    Place {
        caller,
        share: way.share,
        types: PhantomData,
    }
}

/// How long a caller waits for one flight, by these limits.
#[must_use]
pub fn max_wait(config: Config) -> Option<Duration> {
    config.max_wait
}

/// Whether a call that is to be bypassed is made at all, and not forgotten, for which its key is needed.
#[must_use]
pub fn may_bypass() -> bool {
    !is_to_be_forgotten()
}

/// The call of a function that has joined: polls the body, or waits.
pub fn run<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> Call<H, NoKey, S, K, V, F>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
{
    Call::new(place.caller, None, place.share, body)
}

/// The same for a plain `fn` ([`join_blocking`]): runs the body, or has the thread wait.
#[track_caller]
pub fn block<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    F: FnOnce() -> S::Output,
{
    blocking::refuse_runtime(place.caller.name());
    blocking::drive::<H, S, K, V>(place.caller, place.share, body)
}

/// The same, with the body on a task of its own: `spawn`, or `detach`.
#[cfg(any(loom, feature = "spawn"))]
pub fn spawn<H, S, K, V, F>(
    place: Place<H, S, K, V, F>,
    body: F,
    detach: bool,
) -> SpawnedCall<H, S, K, V, F>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    F: Future<Output = S::Output> + Send + 'static,
{
    SpawnedCall::new(place.caller, place.share, body, detach)
}
