//! What expansions of `#[coalesce]` call. Not public: an expansion and this module are of one
//! version.
//!
//! An expansion joins while it borrows its arguments, and then builds the body that takes them:
//!
//! ```text
//! let place = match (part(Probe::new(&(id)).coalesced_probe()),) {
//!     key => {
//!         static SLOT: Slot = Slot::new();
//!         join::<_, _, Ret, _>(&SLOT, key)
//!     }
//! };
//! run(place, async move { .. }).await
//! ```

use std::{
    any::Any, borrow::Cow, fmt, future::Future, hash::Hasher, marker::PhantomData, ops::Deref,
    sync::Arc,
};

use crate::{
    blocking::block_on,
    call::Call,
    flights::Flights,
    function::{FunctionId, PerFunction, function_name},
    group::Group,
    key::{Copied, Key, Part},
    scope::Role,
    seat::Seat,
    sharing::{Share, Value},
};

#[cfg(not(feature = "time"))]
pub use std::time::Instant;
#[cfg(feature = "time")]
pub use tokio::time::Instant;

pub use crate::config::Config;
pub use crate::sharing::{Fallible, OnlyOk, Sharing, Whole};
#[cfg(feature = "spawn")]
use crate::spawn::SpawnedCall;

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

    fn group<K, V, F>(&self) -> &Group<K, V>
    where
        K: Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let group = self.groups.get_or_init(FunctionId::of::<F>(), || {
            let name = self.name.unwrap_or_else(function_name::<F>);
            Box::new(Group::<K, V>::new().named(name).with_config(self.config))
        });
        match group.downcast_ref() {
            Some(group) => group,
            None => unreachable!("one function has one type of key and one of value"),
        }
    }
}

/// The place that a call of a function with the body `F` has taken.
#[must_use]
pub struct Place<H: Deref<Target = Flights<K, V>>, S, K, V, F> {
    seat: Seat<H, K, V>,
    share: Share<V>,
    types: PhantomData<fn() -> (S, F)>,
}

impl<H: Deref<Target = Flights<K, V>>, S, K, V, F> Place<H, S, K, V, F> {
    /// What the call is for now.
    #[must_use]
    pub fn role(&self) -> Role {
        self.seat.role()
    }
}

impl<H: Deref<Target = Flights<K, V>>, S, K, V, F> fmt::Debug for Place<H, S, K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.seat).finish()
    }
}

/// Where a function finds its flights: in its hidden group, or in one of the user's.
pub trait Home<K, V> {
    /// A handle to the flights.
    type Flights: Deref<Target = Flights<K, V>>;

    /// The flights of the function with the body `F`.
    fn flights<F>(self) -> Self::Flights;
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for &'static Slot {
    type Flights = &'static Flights<K, V>;

    fn flights<F>(self) -> Self::Flights {
        self.group::<K, V, F>().flights_of::<F>()
    }
}

/// A group that lives for ever.
#[derive(Debug)]
pub struct Static<K: 'static, V: 'static>(pub &'static Group<K, V>);

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for Static<K, V> {
    type Flights = &'static Flights<K, V>;

    fn flights<F>(self) -> Self::Flights {
        self.0.flights_of::<F>()
    }
}

/// A group that an argument owns, which the body may move.
#[derive(Debug)]
pub struct Owned<'g, K, V>(pub &'g Group<K, V>);

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> Home<K, V> for Owned<'_, K, V> {
    type Flights = Arc<Flights<K, V>>;

    fn flights<F>(self) -> Self::Flights {
        Arc::clone(self.0.flights_of::<F>())
    }
}

/// The calls by hand of a group, wherever they are: for a layer, whose services meet in one group.
#[derive(Debug)]
pub struct ByHand<'g, K, V>(pub &'g Group<K, V>);

impl<K: Send + Sync + 'static, V: Value> Home<K, V> for ByHand<'_, K, V> {
    type Flights = Arc<Flights<K, V>>;

    fn flights<F>(self) -> Self::Flights {
        Arc::clone(self.0.by_hand())
    }
}

/// A place that borrows no group.
pub type OwnedPlace<S, K, V, F> = Place<Arc<Flights<K, V>>, S, K, V, F>;

/// What [`run`] makes of it.
pub type OwnedCall<S, K, V, F> = Call<Arc<Flights<K, V>>, Joined, S, K, V, F>;

/// What [`spawn`] makes of it.
#[cfg(feature = "spawn")]
pub type OwnedSpawnedCall<S, K, V, F> = SpawnedCall<Arc<Flights<K, V>>, S, K, V, F>;

/// Joins the flight of this key, or opens one.
pub fn join<G, Q, K, V, S, F>(home: G, key: Q, share: Share<V>) -> Place<G::Flights, S, K, V, F>
where
    G: Home<K, V>,
    Q: Key<K>,
    S: Sharing<V>,
{
    let mut seat = Seat::outside(home.flights::<F>());
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
    let mut seat = Seat::outside(home.flights::<F>());
    seat.alone();
    Place {
        seat,
        share,
        types: PhantomData,
    }
}

/// The call of a function that has joined: polls the body, or waits.
pub fn run<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> Call<H, Joined, S, K, V, F>
where
    H: Deref<Target = Flights<K, V>>,
    S: Sharing<V>,
    F: Future<Output = S::Output>,
{
    Call::new(place.seat, None, place.share, body)
}

/// The same for a plain `fn`: runs the body, or has the thread wait.
#[track_caller]
pub fn block<H, S, K, V, F>(place: Place<H, S, K, V, F>, body: F) -> S::Output
where
    H: Deref<Target = Flights<K, V>>,
    S: Sharing<V>,
    F: FnOnce() -> S::Output,
{
    let body = async { body() };
    block_on(Call::<H, Joined, S, K, V, _>::new(
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
    H: Deref<Target = Flights<K, V>>,
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

/// The key of a call that has joined already: there is none.
#[derive(Debug)]
pub enum Joined {}

impl<K> Key<K> for Joined {
    fn hash<H: Hasher>(&self, _: &mut H) {
        match *self {}
    }

    fn matches(&self, _: &K) -> bool {
        match *self {}
    }

    fn to_key(&self) -> K {
        match *self {}
    }

    fn same(_: &K, _: &K) -> bool {
        unreachable!("there is no key")
    }
}

/// Looks at a variable that is part of a key, and finds the best way to take it: what it borrows,
/// else a copy, else itself.
///
/// The first method that look-up finds wins, and each dereference leads to one that takes more. They are
/// on types of their own, so that for a type that is not known, by another mistake, the first is taken
/// without a word.
#[derive(Debug)]
pub struct Probe<'a, T>(ProbeOption<'a, T>);

/// The second look of [`Probe`].
#[derive(Debug)]
pub struct ProbeOption<'a, T>(ProbeCow<'a, T>);

/// The third look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCow<'a, T>(ProbeCopy<'a, T>);

/// The fourth look of [`Probe`].
#[derive(Debug)]
pub struct ProbeCopy<'a, T>(ProbeAny<'a, T>);

/// The last look of [`Probe`].
#[derive(Debug)]
pub struct ProbeAny<'a, T>(&'a T);

impl<'a, T> Probe<'a, T> {
    /// Looks at this variable.
    pub fn new(variable: &'a T) -> Self {
        Self(ProbeOption(ProbeCow(ProbeCopy(ProbeAny(variable)))))
    }
}

macro_rules! next_look {
    ($($look:ident => $next:ident,)*) => {$(
        impl<'a, T> Deref for $look<'a, T> {
            type Target = $next<'a, T>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    )*};
}

next_look! {
    Probe => ProbeOption,
    ProbeOption => ProbeCow,
    ProbeCow => ProbeCopy,
    ProbeCopy => ProbeAny,
}

impl<'b, B: ?Sized> Probe<'_, &'b B> {
    /// A reference: what it refers to.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'b, B> {
        Borrowed(self.0.0.0.0.0)
    }
}

impl<'b, B: ?Sized> ProbeOption<'_, Option<&'b B>> {
    /// An optional reference: the same.
    #[must_use]
    pub fn coalesced_probe(&self) -> Optional<'b, B> {
        Optional(*self.0.0.0.0)
    }
}

impl<'a, B: ToOwned + ?Sized> ProbeCow<'a, Cow<'_, B>> {
    /// What the `Cow` has or borrows.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'a, B> {
        Borrowed(&**self.0.0.0)
    }
}

impl<T: Copy> ProbeCopy<'_, T> {
    /// A copy.
    #[must_use]
    pub fn coalesced_probe(&self) -> Copied<T> {
        Copied(*self.0.0)
    }
}

impl<'a, T> ProbeAny<'a, T> {
    /// The variable itself.
    #[must_use]
    pub fn coalesced_probe(&self) -> Borrowed<'a, T> {
        Borrowed(self.0)
    }
}

/// A part that is borrowed.
#[derive(Debug)]
pub struct Borrowed<'a, B: ?Sized>(&'a B);

/// A part that may be borrowed.
#[derive(Debug)]
pub struct Optional<'a, B: ?Sized>(Option<&'a B>);

/// What [`Probe`] finds.
pub trait Found {
    /// The type that is part of the key.
    type Part: ?Sized;

    /// How it is taken.
    type Key;

    /// The part as a key.
    fn key(self) -> Self::Key;
}

impl<'a, B: ?Sized> Found for Borrowed<'a, B> {
    type Part = B;
    type Key = &'a B;

    fn key(self) -> &'a B {
        self.0
    }
}

impl<'a, B: ?Sized> Found for Optional<'a, B> {
    type Part = B;
    type Key = Option<&'a B>;

    fn key(self) -> Option<&'a B> {
        self.0
    }
}

impl<T> Found for Copied<T> {
    type Part = T;
    type Key = Self;

    fn key(self) -> Self {
        self
    }
}

/// A part as a key.
pub fn part<P, M>(found: P) -> <P::Part as Vouch<M>>::Vouched<P::Key>
where
    P: Found,
    P::Part: Vouch<M>,
{
    P::Part::vouch(found.key())
}

/// Where a type that can't be part of a key is refused: every [`Part`] is vouched for, as what it
/// is.
///
/// That there are two implementations to choose from, of which one is for no type, has the compiler
/// look whether either holds before it goes on. So a refusal names the type and not what it lacks
/// three traits further down, and the call's type is unknown then, so that nothing else is said.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key, because it is not `Hash + Eq + Clone` and `Send + Sync + 'static`",
    label = "cannot be part of a key",
    note = "derive these for `{Self}`, leave it out with `skip(..)`, or choose the key with `key = ..`"
)]
pub trait Vouch<M> {
    /// `F`
    type Vouched<F>;

    /// Returns `form`.
    fn vouch<F>(form: F) -> Self::Vouched<F>;
}

#[diagnostic::do_not_recommend]
impl<B: Part + ?Sized> Vouch<()> for B {
    type Vouched<F> = F;

    fn vouch<F>(form: F) -> F {
        form
    }
}

#[diagnostic::do_not_recommend]
impl<B: NoPart + ?Sized> Vouch<Nothing> for B {
    type Vouched<F> = F;

    fn vouch<F>(form: F) -> F {
        form
    }
}

/// Not implemented.
pub trait NoPart {}

/// Marks the other implementation of [`Vouch`].
#[derive(Debug)]
pub enum Nothing {}
