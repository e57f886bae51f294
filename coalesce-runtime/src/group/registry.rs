//! A registry that you own: the groups of all functions that name it.

use std::{
    fmt,
    future::Future,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use once_cell::sync::OnceCell;

use crate::{
    call::across::Here,
    config::Config,
    group::{
        any::AnyGroup,
        function::Function,
        function_id::{Instance, function_name},
        idle::{idle_of, waiting_of},
        per_function::PerFunction,
        single::Single,
    },
    key::show::Shown,
    limits::Limits,
    watch::{census::Census, stats::Stats},
};

/// Whose calls they are: the flights of all functions that name it by `#[coalesce(registry = ..)]`, a group
/// for each of them.
///
/// Two services that have a registry each never share a flight, whatever they are called with; so the argument
/// that holds it, mostly `self`, is no part of an automatic key. The functions may have keys and values of any
/// types. It can be a field, an argument or a `static`.
///
/// ```
/// use coalesced::{Registry, coalesce};
/// # #[derive(Default)] struct Pool;
///
/// #[derive(Default)]
/// struct Users {
///     pool: Pool, // need not be a key
///     calls: Registry,
/// }
///
/// impl Users {
///     #[coalesce(registry = self.calls)]
///     async fn by_id(&self, id: u64) -> String {
///         format!("user {id}") // a query of `self.pool`, say
///     }
///
///     #[coalesce(registry = self.calls)]
///     async fn search(&self, text: &str, page: Option<u32>) -> Vec<u64> {
///         # let _ = (text, page, &self.pool);
///         vec![]
///     }
/// }
/// # futures::executor::block_on(async {
/// let users = Users::default();
/// assert_eq!(users.by_id(7).await, "user 7");
/// assert!(users.search("ann", None).await.is_empty());
/// assert_eq!(users.calls.stats().calls, 2);
/// # });
/// ```
///
/// # Whose it is
///
/// It is a handle: its clones share its flights, and so do clones of the service that holds it. That is right for
/// clones that give the same answers. **A short-lived handle that holds a clone of its client's registry, and
/// something of its own that decides the answer** (a tenant, a user's token, a transaction, a repository of the
/// client) must put that into the key, since `self` is not in it:
///
/// ```
/// # use coalesced::{Registry, coalesce};
/// struct Repository {
///     name: String,
///     calls: Registry, // a clone of the client's
/// }
///
/// impl Repository {
///     #[coalesce(registry = self.calls, key = (self.name, number))]
///     async fn issue(&self, number: u64) -> String {
///         format!("{}#{number}", self.name)
///     }
/// }
/// # let one = Repository { name: "one".into(), calls: Registry::new() };
/// # assert_eq!(futures::executor::block_on(one.issue(7)), "one#7");
/// ```
///
/// or name it through the client, `registry = self.client.calls`: where the registry lies deeper than in a field
/// of the argument, the argument stays in the key, unless it is skipped. A clone that asks as another for all of its
/// life, `Self { token, ..self.clone() }`, is better off with a registry of its own: `calls: Registry::new()`.
///
/// When the last clone is dropped while calls are under way, these go on, and share as they did.
///
/// `A` is where its flights go: nowhere, they are this process's, unless [`across`](Self::across) says otherwise.
pub struct Registry<A = Here> {
    pub(super) name: Option<&'static str>,
    pub(super) across: A,
    config: Config,
    /// Made by the first use.
    groups: OnceCell<Arc<Groups>>,
}

/// What the clones of a registry share.
struct Groups {
    limits: Limits,
    of_functions: PerFunction<Member>,
}

struct Member {
    group: Single,
    /// The limits that its function has itself.
    own: Config,
}

impl Registry {
    /// A registry without a name or limits; nothing is allocated before its first use.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            across: Here,
            config: Config::new(),
            groups: OnceCell::new(),
        }
    }

    /// The same registry, the flights of whose functions go across to other servers, each by the function's name: where
    /// `functions` of a cluster says (feature `cluster`). To be called before its first use.
    #[must_use]
    pub const fn across<A>(self, across: A) -> Registry<A> {
        let (name, config) = (self.name, self.config);
        // It has no groups yet, and a constant can't drop.
        mem::forget(self);
        Registry {
            name,
            across,
            config,
            groups: OnceCell::new(),
        }
    }
}

impl<A> Registry<A> {
    /// Names the registry, as [`AnyGroup::registry`] tells it; to be called before its first use. Its groups
    /// are named by their functions.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the limits of all its functions; to be called before its first use.
    ///
    /// They are for each function by itself (`max_in_flight` counts the keys of one). A limit that a function
    /// has itself, by `#[coalesce(max_age = ..)]` and its like, goes before the registry's.
    ///
    /// ```
    /// use coalesced::{Config, Registry, coalesce};
    /// # use std::time::Duration;
    ///
    /// static CALLS: Registry = Registry::new().named("shop").with_config(Config::balanced());
    ///
    /// #[coalesce(registry = CALLS, max_followers = 7, name = "price")]
    /// async fn price(id: u64) -> u64 {
    ///     id
    /// }
    /// # futures::executor::block_on(price(7));
    /// assert_eq!(CALLS.groups()[0].config(), Config::balanced().max_followers(7));
    /// ```
    #[must_use]
    pub const fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The groups of the functions that were called, each named by its function;
    /// [`groups`](crate::groups) lists them, too.
    #[must_use]
    pub fn groups(&self) -> Vec<AnyGroup> {
        let mut groups = Vec::new();
        self.shared().of_functions.for_each(&mut |member| {
            groups.push(AnyGroup(Arc::clone(&member.group.group)));
        });
        groups.sort_by_key(|group| group.0.number());
        groups
    }

    /// The number of flights in the air, forgotten ones too.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.groups().iter().map(AnyGroup::in_flight).sum()
    }

    /// Waits until nothing is in flight, and no call runs by itself: see [`idle`](crate::idle()). Calls that start
    /// meanwhile are not held up.
    ///
    /// ```
    /// # use coalesced::Registry;
    /// # #[derive(Default)] struct Users { calls: Registry }
    /// # let users = Users::default();
    /// # futures::executor::block_on(async {
    /// users.calls.idle().await;
    /// assert_eq!(users.calls.in_flight(), 0);
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// It changes nothing, so it may be dropped at any time.
    pub fn idle(&self) -> impl Future<Output = ()> {
        idle_of(|census| self.census(census))
    }

    /// Waits until at least so many callers of all functions together wait for flights of others, as
    /// [`Group::waiting`](crate::Group::waiting).
    ///
    /// # Cancel safety
    ///
    /// It changes nothing, so it may be dropped at any time.
    pub fn waiting(&self, callers: usize) -> impl Future<Output = ()> {
        waiting_of(callers as u64, |census| self.census(census))
    }

    fn census(&self, census: &mut Census) {
        let members = &self.shared().of_functions;
        members.for_each(&mut |member| member.group.group.census(census));
    }

    /// What the calls of all functions did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.groups().iter().map(AnyGroup::stats).sum()
    }

    /// Counts from now on, as [`Group::reset_stats`](crate::Group::reset_stats).
    pub fn reset_stats(&self) {
        self.groups().iter().for_each(AnyGroup::reset_stats);
    }

    /// Lets no later call join a flight that is in the air now, as after a write that may concern any of them.
    /// Those who wait still get its value. For the key of one function: [`forget`](crate::forget()). It is this process's
    /// flights that are forgotten, also where they go across to other servers.
    pub fn forget_all(&self) {
        self.groups().iter().for_each(AnyGroup::forget_all);
    }

    /// The limits that it gives to its functions.
    #[must_use]
    pub fn config(&self) -> Config {
        self.shared().limits.get()
    }

    /// Changes the limits of all its functions, those that are called later, too; a limit that a function has
    /// itself stays. [`Config::disabled`] makes it a kill switch for all.
    ///
    /// What one of its [`groups`](Self::groups) was given by itself is replaced.
    pub fn set_config(&self, config: Config) {
        let groups = self.shared();
        // A group that is made meanwhile has the new limits.
        let _paused = groups.of_functions.pause();
        groups.limits.set(config);
        groups.of_functions.for_each(&mut |member| {
            member.group.group.set_config(member.own.or(config));
        });
    }

    /// The registry's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name
    }

    /// The group of this function: one code for all with one type of key.
    pub(super) fn group_of<K: Send + Sync + 'static>(
        &self,
        of: Instance,
        function: &Function,
        shown: Option<Shown>,
    ) -> &Single {
        let groups = self.shared();
        let member = groups.of_functions.get_or_init(of.id(), &|| {
            let (name, own) = (function.name, function.config);
            let name = name.unwrap_or_else(|| function_name(of.body()));
            let config = own.or(groups.limits.get());
            let group = Single::new::<K>(name, self.name, config, shown);
            Member { group, own }
        });
        &member.group
    }

    #[inline]
    fn shared(&self) -> &Arc<Groups> {
        self.groups.get_or_init(|| {
            Arc::new(Groups {
                limits: Limits::new(self.config),
                of_functions: PerFunction::new(),
            })
        })
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Clone> Clone for Registry<A> {
    /// Another handle to the same flights.
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            across: self.across.clone(),
            config: self.config,
            groups: OnceCell::with_value(Arc::clone(self.shared())),
        }
    }
}

// As a group is: what is guarded by a lock is whole whatever panics.
impl<A> UnwindSafe for Registry<A> {}
impl<A> RefUnwindSafe for Registry<A> {}

impl<A> fmt::Debug for Registry<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
