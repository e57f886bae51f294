//! What expansions of `#[coalesce]` call. Not public: an expansion and this module are of one
//! version.
//!
//! An expansion joins while it borrows its arguments, and then builds the body that takes them:
//!
//! ```text
//! let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!     key => {
//!         static SLOT: Slot = Slot::new();
//!         join::<_, _, Ret, _>(&SLOT, Show::new(&key).coalesced_show(), key)
//!     }
//! };
//! run(place, async move { .. }).await
//! ```

use std::{any::Any, fmt, future::Future, marker::PhantomData, ops::Deref, sync::Arc};

use crate::{
    call::Call,
    call::blocking::block_on,
    call::caller::Seat,
    call::no_key::NoKey,
    flight::map::Flights,
    group::function::{FunctionId, PerFunction, function_name},
    group::{Core, Group},
    key::Key,
    role::Role,
    sharing::{Share, Value},
};

#[cfg(not(feature = "time"))]
pub use std::time::Instant;
#[cfg(feature = "time")]
pub use tokio::time::Instant;

#[cfg(feature = "spawn")]
use crate::call::spawn::SpawnedCall;
pub use crate::config::Config;
pub use crate::key::show::{Show, Shown};
pub use crate::key::{
    argument::{Found, Probe, part},
    refusal::{Nothing, Vouch},
};
pub use crate::sharing::{Fallible, OnlyOk, Sharing, Whole};

/// The hidden registry of one annotated function: a group for each of its instantiations.
#[derive(Debug, Default)]
pub struct Slot {
    name: Option<&'static str>,
    config: Config,
    groups: PerFunction<Box<dyn Any + Send + Sync>>,
}

impl Slot {
    /// Groups named by their function's path, without limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            config: Config::new(),
            groups: PerFunction::new(),
        }
    }

    /// Groups named so.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Groups with these limits.
    #[must_use]
    pub const fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    fn flights<K: Send + Sync + 'static, F>(&self, shown: Option<Shown>) -> &Flights<K> {
        let function = FunctionId::of::<F>();
        let hidden = self.groups.get_or_init(function, &|| {
            self.hidden::<K>(function, function_name::<F>, shown)
        });
        match hidden.downcast_ref::<Hidden<K>>() {
            Some(hidden) => &hidden.flights,
            None => unreachable!("one function has one type of key"),
        }
    }

    fn hidden<K: Send + Sync + 'static>(
        &self,
        function: FunctionId,
        name: fn() -> &'static str,
        shown: Option<Shown>,
    ) -> Box<dyn Any + Send + Sync> {
        let core = Core::<K>::listed(self.name.unwrap_or_else(name), self.config);
        let flights = Arc::clone(core.flights_of(function, || "", shown));
        Box::new(Hidden { core, flights })
    }
}

/// The group of one function, and what is found in it.
struct Hidden<K> {
    #[expect(dead_code, reason = "it is listed while it is here")]
    core: Arc<Core<K>>,
    flights: Arc<Flights<K>>,
}

/// The place that a call of a function with the body `F` has taken.
#[must_use]
pub struct Place<H: Deref<Target = Flights<K>>, S, K, V, F> {
    seat: Seat<H, K>,
    share: Share<V>,
    types: PhantomData<fn() -> (S, F)>,
}

impl<H: Deref<Target = Flights<K>>, S, K, V, F> Place<H, S, K, V, F> {
    /// What the call is for now.
    #[must_use]
    pub fn role(&self) -> Role {
        self.seat.role()
    }
}

impl<H: Deref<Target = Flights<K>>, S, K, V, F> fmt::Debug for Place<H, S, K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.seat).finish()
    }
}

/// Where a function finds its flights: in its hidden group, or in one of the user's.
pub trait Home<K, V> {
    /// A handle to the flights.
    type Flights: Deref<Target = Flights<K>>;

    /// The flights of the function with the body `F`, whose keys are shown so.
    fn flights<F>(self, shown: Option<Shown>) -> Self::Flights;
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for &'static Slot {
    type Flights = &'static Flights<K>;

    fn flights<F>(self, shown: Option<Shown>) -> Self::Flights {
        self.flights::<K, F>(shown)
    }
}

/// A group that lives for ever.
#[derive(Debug)]
pub struct Static<K: 'static, V: 'static>(pub &'static Group<K, V>);

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for Static<K, V> {
    type Flights = &'static Flights<K>;

    fn flights<F>(self, shown: Option<Shown>) -> Self::Flights {
        self.0.flights_of::<F>(shown)
    }
}

/// A group that an argument owns, which the body may move.
#[derive(Debug)]
pub struct Owned<'g, K, V>(pub &'g Group<K, V>);

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for Owned<'_, K, V> {
    type Flights = Arc<Flights<K>>;

    fn flights<F>(self, shown: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.flights_of::<F>(shown))
    }
}

/// The calls by hand of a group, wherever they are: for a layer, whose services meet in one group.
#[derive(Debug)]
pub struct ByHand<'g, K, V>(pub &'g Group<K, V>);

impl<K: Send + Sync + 'static, V: Value> Home<K, V> for ByHand<'_, K, V> {
    type Flights = Arc<Flights<K>>;

    fn flights<F>(self, _: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.by_hand())
    }
}

/// A place that borrows no group.
pub type OwnedPlace<S, K, V, F> = Place<Arc<Flights<K>>, S, K, V, F>;

/// What [`run`] makes of it.
pub type OwnedCall<S, K, V, F> = Call<Arc<Flights<K>>, NoKey, S, K, V, F>;

/// What [`spawn`] makes of it.
#[cfg(feature = "spawn")]
pub type OwnedSpawnedCall<S, K, V, F> = SpawnedCall<Arc<Flights<K>>, S, K, V, F>;

/// Joins the flight of this key, or opens one.
pub fn join<G, Q, K, V, S, F>(
    home: G,
    shown: Option<Shown>,
    key: Q,
    share: Share<V>,
) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    Q: Key<K>,
    S: Sharing<V>,
{
    let mut seat = Seat::outside(home.flights::<F>(shown));
    seat.join(&key);
    Place {
        seat,
        share,
        types: PhantomData,
    }
}

/// Joins nothing: `bypass = ..`.
pub fn alone<G, K, V, S, F>(home: G, share: Share<V>) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    S: Sharing<V>,
{
    let mut seat = Seat::outside(home.flights::<F>(None));
    seat.alone();
    Place {
        seat,
        share,
        types: PhantomData,
    }
}

/// The call of a function that has joined: polls the body, or waits.
pub fn run<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> Call<H, NoKey, S, K, V, F>
where
    H: Deref<Target = Flights<K>>,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
{
    Call::new(place.seat, None, place.share, body)
}

/// The same for a plain `fn`: runs the body, or has the thread wait.
#[track_caller]
pub fn block<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> S::Output
where
    H: Deref<Target = Flights<K>>,
    S: Sharing<V>,
    V: Send + Sync + 'static,
    F: FnOnce() -> S::Output,
{
    let body = async { body() };
    block_on(Call::<H, NoKey, S, K, V, _>::new(
        place.seat,
        None,
        place.share,
        body,
    ))
}

/// The same, with the body on a task of its own: `spawn`, or `detach`.
#[cfg(feature = "spawn")]
pub fn spawn<H, S, K, V, F>(
    place: Place<H, S, K, V, F>,
    body: F,
    detach: bool,
) -> SpawnedCall<H, S, K, V, F>
where
    H: Deref<Target = Flights<K>>,
    S: Sharing<V>,
    F: Future<Output = S::Output> + Send + 'static,
{
    SpawnedCall::new(place.seat, place.share, body, detach)
}

/// How a value is shared by default.
pub fn cloned<V: Value>(value: &V) -> V {
    value.clone()
}

/// How a `Result` is shared whose error is not `Clone`: `clone_err = ..`.
pub fn cloned_but_err<R>(result: &R, clone_err: impl FnOnce(&R::Error) -> R::Error) -> R
where
    R: Fallible,
    R::Value: Value,
{
    R::from_result(match result.as_result() {
        Ok(value) => Ok(value.clone()),
        Err(error) => Err(clone_err(error)),
    })
}
