//! A group that you own: the calls that may share one execution.
//!
//! In come calls of a function, or by hand; what they get is the map of their flights, and it is another for each
//! function.
//!
//! 1. A group is a handle (`Group`): what its clones share (`core`) is made at its first use, and listed among all
//!    groups of the process (`all`, each as an `any`) until it is dropped.
//! 2. An annotated function has a hidden registry in a `static` (`registry`), or names a group of the user's:
//!    its `home` is one or the other.
//! 3. A `static` in a generic function is one for all its instantiations, and several functions may name one group:
//!    the type of the body's future tells them apart (`function_id`), and finds the flights of each
//!    (`per_function`), without a lock.

// Before all others: rustdoc shows methods in this order, and `call` is to come first.
pub(crate) mod by_hand;

pub(crate) mod accessor;
mod across;
pub(crate) mod all;
pub(crate) mod any;
pub(crate) mod core;
pub(crate) mod function;
pub(crate) mod function_id;
pub(crate) mod hidden;
pub(crate) mod home;
pub(crate) mod idle;
pub(crate) mod owner;
pub(crate) mod per_function;
pub(crate) mod registry;
mod single;
pub(crate) mod trail;

use std::{any::type_name, fmt, future::Future, marker::PhantomData, sync::Arc};

use once_cell::sync::OnceCell;

use crate::{
    call::across::Here,
    config::Config,
    flight::map::FlightMap,
    group::{
        any::Listed,
        core::Core,
        function_id::Instance,
        idle::{idle_of, waiting_of},
    },
    key::show::Shown,
    watch::{in_flight::InFlight, stats::Stats},
};

/// Concurrent calls with the same key share one execution: the first caller's body runs, the others
/// wait for it and get a clone of its value.
///
/// It is a handle: its clones share its flights. It can be a `static`, a field, or a local variable.
/// Calls by hand meet in it wherever in the program they are; annotated functions that name it by
/// `#[coalesce(group = ..)]` each keep their own flights apart, while [`forget`](Self::forget) and
/// [`stats`](Self::stats) are for all. The idea is Go's `singleflight.Group`.
///
/// ```
/// use coalesced::Group;
///
/// static USERS: Group<u64, String> = Group::new().named("users");
///
/// async fn user(id: u64) -> String {
///     USERS.call(id, async { format!("user {id}") }).await
/// }
/// # assert_eq!(futures::executor::block_on(user(7)), "user 7");
/// ```
///
/// `A` is where its flights go: nowhere, they are this process's, unless [`across`](Self::across) says otherwise.
pub struct Group<K, V, A = Here> {
    name: Option<&'static str>,
    pub(crate) across: A,
    config: Config,
    hides_keys: bool,
    /// Made by the first use.
    core: OnceCell<Arc<Core<K>>>,
    values: PhantomData<fn(V) -> V>,
}

impl<K, V> Group<K, V> {
    /// A group, named by its type; nothing is allocated before its first use.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            across: Here,
            config: Config::new(),
            hides_keys: false,
            core: OnceCell::new(),
            values: PhantomData,
        }
    }
}

impl<K, V, A> Group<K, V, A> {
    /// Names the group in [`groups`](crate::groups) and in messages; to be called before its first
    /// use.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the group's limits; to be called before its first use.
    #[must_use]
    pub const fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Has [`AnyGroup::flights`](crate::AnyGroup::flights) not show the keys, since they are secrets: who lists all
    /// groups of a process sees that there are flights, and not of what. [`flights`](Self::flights) still gives them to
    /// who has the group. To be called before its first use.
    ///
    /// ```
    /// # use coalesced::Group;
    /// static SESSIONS: Group<String, u64> = Group::new().hide_keys();
    /// ```
    #[must_use]
    pub const fn hide_keys(mut self) -> Self {
        self.hides_keys = true;
        self
    }
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static, A> Group<K, V, A> {
    /// [`forget`](Self::forget)s every flight of this process, in a time that does not depend on their number.
    pub fn forget_all(&self) {
        self.core().forget_all();
    }

    /// The number of flights in the air, forgotten ones too.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.core().in_flight()
    }

    /// What is in flight now, of all functions of the group.
    ///
    /// Each of the group's few locks is held while the keys behind it are copied, which calls of these keys
    /// wait for: this is for people who look, not for every request.
    ///
    /// ```
    /// # use coalesced::Group;
    /// # static USERS: Group<String, String> = Group::new();
    /// for flight in USERS.flights() {
    ///     println!("{}: {} wait, {:?}", flight.key, flight.followers, flight.age);
    /// }
    /// ```
    #[must_use]
    pub fn flights(&self) -> Vec<InFlight<K>>
    where
        K: Clone,
    {
        let mut all = Vec::new();
        self.core()
            .for_each(&mut |flights| all.extend(flights.in_the_air(K::clone)));
        all
    }

    /// Waits until nothing is in flight, and no call runs by itself: see [`idle`](crate::idle()). Calls that start
    /// meanwhile are not held up.
    ///
    /// ```
    /// # use coalesced::Group;
    /// # static USERS: Group<String, String> = Group::new();
    /// # futures::executor::block_on(async {
    /// USERS.idle().await;
    /// assert_eq!(USERS.in_flight(), 0);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// It changes nothing, so it may be dropped at any time.
    pub fn idle(&self) -> impl Future<Output = ()> {
        idle_of(|census| self.core().census(census))
    }

    /// Waits until at least so many callers wait for flights of others: for tests that let a body go on when all
    /// are there, and that sleep for nothing.
    ///
    /// ```
    /// # use coalesced::Group;
    /// use tokio::sync::Notify;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// static USERS: Group<u64, u64> = Group::new();
    /// static ANSWER: Notify = Notify::const_new();
    ///
    /// let call = || USERS.call(7, async { ANSWER.notified().await; 49 });
    /// let callers = [(); 3].map(|()| tokio::spawn(call()));
    /// USERS.waiting(2).await; // one leads, the others wait
    /// ANSWER.notify_one();
    /// # for caller in callers { assert_eq!(caller.await.unwrap(), 49); }
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// It changes nothing, so it may be dropped at any time.
    pub fn waiting(&self, callers: usize) -> impl Future<Output = ()> {
        waiting_of(callers as u64, |census| self.core().census(census))
    }

    /// What the calls did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core().stats()
    }

    /// Counts from now on. The gauges ([`in_flight`](Stats::in_flight) and [`waiting`](Stats::waiting)) stay
    /// what they are, and what those calls do that are under way is counted when it happens: a follower of
    /// before that takes over now is a takeover.
    pub fn reset_stats(&self) {
        self.core().reset_stats();
    }

    /// The group's limits.
    #[must_use]
    pub fn config(&self) -> Config {
        self.core().limits.get()
    }

    /// Changes the group's limits; later calls see them. [`Config::disabled`] makes it a kill switch.
    pub fn set_config(&self, config: Config) {
        self.core().limits.set(config);
    }

    /// The group's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.core().name
    }
}

// Whether values can be shared is the function's to say, in one place.
impl<K: Send + Sync + 'static, V, A> Group<K, V, A> {
    /// The flights of this function.
    pub(crate) fn flights_of(&self, of: Instance, shown: Option<Shown>) -> &Arc<FlightMap<K>> {
        let core = self.core();
        let shown = shown.filter(|_| !self.hides_keys);
        core.flights_of(of, of.body(), shown)
    }

    /// The flights of the calls by hand.
    pub(crate) fn by_hand(&self) -> &Arc<FlightMap<K>> {
        /// Stands for the body of every call by hand.
        struct ByHand;
        let core = self.core();
        core.flights_of(const { Instance::of::<ByHand>() }, "", None)
    }

    fn core(&self) -> &Arc<Core<K>> {
        self.core.get_or_init(|| {
            let name = self.name.unwrap_or_else(|| {
                type_name::<Group<K, V>>().trim_start_matches("coalesce_runtime::group::")
            });
            Core::listed(name, None, self.config)
        })
    }
}

impl<K, V> Default for Group<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static, A: Clone> Clone for Group<K, V, A> {
    /// Another handle to the same flights.
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            across: self.across.clone(),
            config: self.config,
            hides_keys: self.hides_keys,
            core: OnceCell::with_value(Arc::clone(self.core())),
            values: PhantomData,
        }
    }
}

impl<K, V, A> fmt::Debug for Group<K, V, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
