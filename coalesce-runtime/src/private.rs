//! What expansions of `#[coalesce]` call. Not public: an expansion and this module are of one
//! version.
//!
//! An expansion looks at its key while it borrows its arguments, and then builds the body that takes them. It joins in
//! its first poll, to which it carries the key (`key/carry.rs`), or at once, if the key borrows from what the body takes:
//!
//! ```text
//! let home = { static HIDDEN: Hidden = Hidden::new(Function::NEW); &HIDDEN };
//! let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!     key => join(home, Show::new(&key).coalesced_show(), key, way),
//! };
//! run(place, async move { .. }).await
//! ```

use std::{fmt, future::Future, marker::PhantomData, ops::Deref, sync::Arc, time::Duration};

use crate::{
    call::{
        Call,
        across::{Across, Brief, Here, Lead},
        blocking,
        max_wait::Driver,
        seat::Seat,
        wish::is_to_be_forgotten,
    },
    flight::map::FlightMap,
    key::{Key, carry::Carry, no_key::NoKey},
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
    accessor::{IsGroup, IsRegistry, OwnedBy, Returned, accessed_group, accessed_registry},
    function::Function,
    function_id::Instance,
    hidden::Hidden,
    home::{ByHand, Home, LeadOf, Owned, OwnedRegistry, Static, StaticRegistry},
    owner::{
        Behind, ClusterOf, GroupOf, HasKey, RegistryOf, cluster, keyed, owned_group,
        owned_registry, static_group, static_registry,
    },
    trail::Trail,
};
pub use crate::key::{
    Owning,
    show::{Show, Shown},
};
pub use crate::key::{
    argument::{Found, Probe, ProbeCopy},
    refusal::{
        KeyIn, Vouch, VouchAsker, VouchConnection, VouchExtractor, VouchGeneric, VouchHandle,
        VouchInCluster, VouchOwner, VouchReceiver, VouchRow, VouchUnordered,
    },
    vouched::{
        asker, connection, extractor, generic, handle, in_cluster, owner, part, receiver, row,
        unordered,
    },
};
pub use crate::nothing::Nothing;
pub use crate::sharing::{
    OnlyOk, Sharing, Whole,
    apart::{ByCopy, ByOk},
    cloned,
    fallible::{Fallible, cloned_but_err},
    refusal::{error, fallible},
    unnamed::{unnamed_blocking, unnamed_response, unnamed_stream, unnamed_value},
    value::{bounded, local, plain, response, stream, value, wrapped},
    way::{ByClone, Way},
};

/// What a cluster of servers is told, and tells.
pub mod across {
    pub use crate::call::across::{Across, Brief, Elsewhere, Ended, Here, Lead, Verdict};
}

/// What the models of `tests/loom` do by hand.
#[cfg(loom)]
pub mod by_hand {
    pub use crate::{
        clock::ring,
        group::by_hand::grow,
        task::{join_tasks, shut_down},
        watch::span::{current_span, followed, trace},
    };
}

/// The place that a call of a function with the body `F` has taken.
#[must_use]
pub struct Place<H: Deref<Target = FlightMap<K>>, S, K, V, F, L = Here, Q = NoKey> {
    seat: Seat<H, K, L, Q>,
    share: Share<V>,
    types: PhantomData<fn() -> (S, F)>,
}

impl<H: Deref<Target = FlightMap<K>>, S, K, V, F, L, Q> Place<H, S, K, V, F, L, Q> {
    /// What the call is for now.
    #[must_use]
    pub fn role(&self) -> Role {
        self.seat.caller.role()
    }

    /// Polls what it runs by itself, where that is no future of ours.
    pub fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.seat.caller.run(poll)
    }

    /// It has what it came for, by another way than a landing: it waits no more.
    pub fn finish(mut self) {
        self.seat.caller.finish();
    }

    /// What it ran by itself is done, and may have failed.
    pub fn ran(mut self, is_err: bool) {
        self.seat.caller.ran_alone(is_err);
    }

    /// What it followed is not for it, with this outcome: it runs by itself, and is counted as a former follower.
    pub fn alone_after_all(mut self, outcome: &'static str) -> Self {
        self.seat.caller.alone_after_all(outcome);
        self
    }

    /// The same, but it looks with this key for a newer flight, which it joins or opens.
    pub fn join_again<W: Key<K>>(mut self, key: &W, outcome: &'static str) -> Self {
        self.seat.caller.join_again(key, outcome);
        self
    }
}

impl<H: Deref<Target = FlightMap<K>>, S, K, V, F, L, Q> fmt::Debug for Place<H, S, K, V, F, L, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.seat).finish()
    }
}

/// That of a function with this home.
pub type PlaceOf<G, S, K, V, F, Q = NoKey> =
    Place<<G as Home<K, V>>::Flights, S, K, V, F, LeadOf<G, K, V>, Q>;

/// A place that borrows no group.
pub type OwnedPlace<S, K, V, F> = Place<Arc<FlightMap<K>>, S, K, V, F>;

/// What [`run`] makes of it.
pub type OwnedCall<S, K, V, F> = Call<Arc<FlightMap<K>>, NoKey, S, K, V, F>;

/// What [`spawn`] makes of it.
#[cfg(any(loom, feature = "spawn"))]
pub type OwnedSpawnedCall<S, K, V, F> = SpawnedCall<Arc<FlightMap<K>>, S, K, V, F>;

/// Joins the flight of this key, or opens one; or takes the key along to the first poll, which does so.
#[inline(always)]
pub fn join<G, Q, K, V, S, F>(
    home: G,
    shown: Option<Shown>,
    key: Q,
    way: Way<S, V>,
) -> PlaceOf<G, S, K, V, F, Q::Carried>
where
    G: Home<K, V, Across: Across<V, Lead: Brief<Q>>>,
    Q: Key<K> + Carry,
    K: Send + Sync + 'static,
    S: Sharing<V>,
{
    Place {
        seat: home.seat(const { Instance::of::<F>() }, shown, key),
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
) -> PlaceOf<G, S, K, V, F>
where
    G: Home<K, V, Across: Across<V, Lead: Brief<Q>>>,
    Q: Key<K>,
    K: Send + Sync + 'static,
    S: Sharing<V>,
{
    Place {
        seat: joined(
            home,
            const { Instance::of::<F>() },
            shown,
            &key,
            Driver::Thread,
        ),
        share: way.share,
        types: PhantomData,
    }
}

/// The same for a caller that keeps its own time (`max_wait`), and looks for no newer flight by itself.
pub fn join_untimed<G, Q, K, V, S, F>(home: G, key: Q, way: Way<S, V>) -> PlaceOf<G, S, K, V, F>
where
    G: Home<K, V, Across: Across<V, Lead: Brief<Q>>>,
    Q: Key<K>,
    K: Send + Sync + 'static,
    S: Sharing<V>,
{
    Place {
        seat: joined(
            home,
            const { Instance::of::<F>() },
            None,
            &key,
            Driver::Itself,
        ),
        share: way.share,
        types: PhantomData,
    }
}

/// Joins at once.
#[inline(always)] // As `Caller::join`.
fn joined<G, Q, K, V>(
    home: G,
    of: Instance,
    shown: Option<Shown>,
    key: &Q,
    driver: Driver,
) -> Seat<G::Flights, K, LeadOf<G, K, V>, NoKey>
where
    G: Home<K, V, Across: Across<V, Lead: Brief<Q>>>,
    Q: Key<K>,
    K: Send + Sync + 'static,
{
    let mut seat = home.outside(of, shown);
    seat.caller.join::<Q, V, _>(key, driver, &mut seat.lead);
    seat
}

/// Joins nothing: `bypass = ..`.
pub fn alone<G, K, V, S, F, Q>(home: G, way: Way<S, V>) -> PlaceOf<G, S, K, V, F, Q>
where
    G: Home<K, V, Across: Across<V>>,
    S: Sharing<V>,
{
    let mut seat = home.outside(const { Instance::of::<F>() }, None);
    seat.caller.alone();
    Place {
        seat,
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
#[inline(always)]
pub fn run<H, S, K, V, F, L, Q>(
    place: Place<H, S, K, V, F, L, Q>,
    body: F,
) -> Call<H, Q, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
    L: Lead<V>,
{
    // By its fields: `Call::new` would be compiled for each function as well.
    Call {
        body: Some(body),
        seat: place.seat,
        share: place.share,
        sharing: PhantomData,
    }
}

/// The same for a plain `fn` ([`join_blocking`]): runs the body, or has the thread wait.
#[track_caller]
pub fn block<H, S, K, V, F, L>(place: Place<H, S, K, V, F, L>, body: F) -> S::Output
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    K: Send + Sync + 'static,
    F: FnOnce() -> S::Output,
    L: Lead<V> + Brief<NoKey>,
{
    blocking::refuse_runtime(place.seat.caller.name());
    blocking::drive::<H, S, K, V, L>(place.seat, place.share, body)
}

/// The same, with the body on a task of its own: `spawn`, or `detach`.
#[cfg(any(loom, feature = "spawn"))]
pub fn spawn<H, S, K, V, F, L, Q>(
    place: Place<H, S, K, V, F, L, Q>,
    body: F,
    detach: bool,
) -> SpawnedCall<H, S, K, V, F, L>
where
    H: Deref<Target = FlightMap<K>>,
    S: Sharing<V>,
    K: Send + Sync + 'static,
    F: Future<Output = S::Output> + Send + 'static,
    L: Lead<V> + Brief<Q>,
    Q: Key<K>,
{
    let Seat {
        mut lead,
        mut caller,
        key,
    } = place.seat;
    if let Some(key) = key {
        caller.join::<Q, V, L>(&key, Driver::Task, &mut lead);
    }
    SpawnedCall::new(caller, place.share, body, lead, detach)
}

/// Stands for a value that is never made.
pub fn never<T>() -> T {
    unreachable!("this is only seen by the compiler")
}
