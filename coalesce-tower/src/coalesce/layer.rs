//! The layer, and what can be said of it.

use std::{any::type_name, fmt, hash::Hash, sync::Arc};

use coalesce_runtime::{Config, Group};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    home::{GroupFor, NewGroup},
    lead::Lead,
    policy::{KeyOf, Policy},
    service::CoalesceService,
    share::{All, Cloned, ClonedBy, OnlyOk, Share},
};
#[cfg(feature = "spawn")]
use crate::run::Spawned;
use crate::run::{InPlace, Run};

/// Concurrent requests with the same key share one call of the service: the first runs, the others wait
/// for its result and get a clone.
///
/// It is for any service that is `Clone` and whose response is `Clone + Send + Sync + 'static`. Errors
/// that are `Clone` or [`CloneError`](coalesce_runtime::CloneError), and Tower's `BoxError`, are shared as they are; for
/// others there are [`clone_err`](Self::clone_err) and [`share_ok`](Self::share_ok).
///
/// ```
/// use coalesced::tower::CoalesceLayer;
/// use std::{convert::Infallible, time::Duration};
/// use tower::{Service, ServiceBuilder, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut users = ServiceBuilder::new()
///     .layer(CoalesceLayer::new(|id: &u64| *id))
///     .concurrency_limit(10)
///     .service(service_fn(|id: u64| async move {
///         tokio::time::sleep(Duration::from_millis(10)).await; // a slow upstream
///         Ok::<_, Infallible>(format!("user {id}"))
///     }));
///
/// let (one, other) = tokio::join!(users.call(42), users.call(42));
/// assert_eq!(one, other);
/// assert_eq!(users.group().stats().led, 1);
/// # }
/// ```
///
/// Whatever decides who may see a response must be in the key. Each service that the layer makes has a
/// group of flights of its own, which its clones share; give the layer a [`group`](Self::group) for others
/// to share it. For HTTP there is a layer that knows what may be shared.
///
/// # Where to put it
///
/// Above a concurrency limit, a buffer or a load shedder: a request that waits for another's response
/// takes nothing of theirs. Below a timeout, with [`spawn`](Self::spawn) if leaders time out often: a
/// dropped leader hands over to one that waits.
pub struct CoalesceLayer<Req, K, P = All<Cloned>, G = NewGroup, R = InPlace> {
    key: KeyOf<Req, K>,
    share: P,
    group: G,
    run: R,
}

/// Every type but `Option`, which [`CoalesceLayer::new`] refuses (by two implementations, between which the
/// compiler can't choose): use [`CoalesceLayer::optional`], where `None` is not coalesced, or, if
/// `None` is a key like any other, a tuple of one.
pub trait NotAnOption<M> {}

impl<K> NotAnOption<()> for K {}
impl<K> NotAnOption<Option<()>> for Option<K> {}

impl<Req, K, M> CoalesceLayer<Req, K, All<M>> {
    /// A layer whose requests are the same when `key` says so of them.
    pub fn new<F, N>(key: F) -> Self
    where
        F: Fn(&Req) -> K + Send + Sync + 'static,
        K: NotAnOption<N>,
    {
        Self::keyed(
            type_name::<F>(),
            Arc::new(move |request| Some(key(request))),
        )
    }

    /// The same, where requests without a key are not coalesced.
    ///
    /// ```
    /// # use coalesced::tower::CoalesceLayer;
    /// # use std::convert::Infallible;
    /// # use tower::{ServiceBuilder, service_fn};
    /// enum Request {
    ///     Read(u64),
    ///     Write(u64, String),
    /// }
    ///
    /// let layer = CoalesceLayer::optional(|request: &Request| match request {
    ///     Request::Read(id) => Some(*id),
    ///     Request::Write(..) => None,
    /// });
    /// # let service = service_fn(|_: Request| async { Ok::<_, Infallible>(()) });
    /// # ServiceBuilder::new().layer(layer).service(service);
    /// ```
    pub fn optional<F>(key: F) -> Self
    where
        F: Fn(&Req) -> Option<K> + Send + Sync + 'static,
    {
        Self::keyed(type_name::<F>(), Arc::new(key))
    }

    fn keyed(place: &'static str, key: KeyOf<Req, K>) -> Self {
        Self {
            key,
            share: All::new(),
            group: NewGroup {
                name: place.trim_end_matches("::{{closure}}"),
                config: Config::new(),
            },
            run: InPlace,
        }
    }
}

impl<Req, K, P, R> CoalesceLayer<Req, K, P, NewGroup, R> {
    /// Names the groups of its services; else they are called after the place of the key function.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.group.name = name;
        self
    }

    /// Sets the limits of its services' groups.
    ///
    /// ```
    /// use coalesced::{Config, tower::CoalesceLayer};
    /// # use std::convert::Infallible;
    /// # use tower::{ServiceBuilder, service_fn};
    ///
    /// let layer = CoalesceLayer::new(|id: &u64| *id).with_config(Config::balanced());
    /// # ServiceBuilder::new().layer(layer).service(service_fn(|_| async { Ok::<_, Infallible>(()) }));
    /// ```
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.group.config = config;
        self
    }

    /// Has all its services share the flights of this group, with each other and with calls by hand;
    /// its name and limits are the group's.
    ///
    /// The group's values are `Result<S::Response, S::Error>`, with the error as it is shared: itself
    /// if it is `Clone`, [`SharedError`](coalesce_runtime::SharedError) for a `BoxError`, `Arc<S::Error>` if it is
    /// [`CloneError`](coalesce_runtime::CloneError) or with [`clone_err`](CoalesceLayer::clone_err). With [`share_ok`](CoalesceLayer::share_ok) they are
    /// `S::Response`.
    ///
    /// ```
    /// use coalesced::{Group, tower::CoalesceLayer};
    /// use std::convert::Infallible;
    /// use tower::{Layer, service_fn};
    ///
    /// static USERS: Group<u64, Result<String, Infallible>> = Group::new().named("users");
    ///
    /// let layer = CoalesceLayer::new(|id: &u64| *id).group(&USERS);
    /// let service = layer.layer(service_fn(async |id: u64| Ok::<_, Infallible>(format!("user {id}"))));
    /// USERS.forget(42); // after a write: was it in flight?
    /// # drop(service);
    /// ```
    #[must_use]
    pub fn group<V>(self, group: &Group<K, V>) -> CoalesceLayer<Req, K, P, Group<K, V>, R>
    where
        Group<K, V>: Clone,
    {
        CoalesceLayer {
            key: self.key,
            share: self.share,
            group: group.clone(),
            run: self.run,
        }
    }
}

// Of `Cloned` alone, so that the `M` of the layer that is left behind is known.
impl<Req, K, G, R> CoalesceLayer<Req, K, All<Cloned>, G, R> {
    /// Shares errors that are not `Clone`: each caller that did not cause the error gets what `clone_err`
    /// makes of it.
    ///
    /// ```
    /// # use coalesced::tower::CoalesceLayer;
    /// # use std::io;
    /// # use tower::{ServiceBuilder, service_fn};
    /// let layer = CoalesceLayer::new(|id: &u64| *id)
    ///     .clone_err(|error: &io::Error| io::Error::new(error.kind(), error.to_string()));
    /// # ServiceBuilder::new().layer(layer).service(service_fn(|_| async { Ok::<_, io::Error>(()) }));
    /// ```
    #[must_use]
    pub fn clone_err<E, C>(self, clone_err: C) -> CoalesceLayer<Req, K, ClonedBy<E>, G, R>
    where
        C: Fn(&E) -> E + Send + Sync + 'static,
    {
        self.share(ClonedBy(Arc::new(clone_err)))
    }

    /// Shares successes alone: an error goes to its own request, and needs no bound.
    ///
    /// So that a dead backend does not make a queue of those who wait, each waits for one error more at
    /// most, and then runs alone.
    #[must_use]
    pub fn share_ok(self) -> CoalesceLayer<Req, K, OnlyOk, G, R> {
        self.share(OnlyOk)
    }

    fn share<P>(self, share: P) -> CoalesceLayer<Req, K, P, G, R> {
        CoalesceLayer {
            key: self.key,
            share,
            group: self.group,
            run: self.run,
        }
    }
}

#[cfg(feature = "spawn")]
impl<Req, K, P, G> CoalesceLayer<Req, K, P, G, InPlace> {
    /// Calls the service on a Tokio task of its own, which a dropped request leaves alone, and which is
    /// aborted when nobody waits for it any more.
    ///
    /// Behind a timeout this is what lets a slow call end at all. A request that is first polled
    /// outside a Tokio runtime panics.
    #[must_use]
    pub fn spawn(self) -> CoalesceLayer<Req, K, P, G, Spawned> {
        self.run(Spawned { detach: false })
    }

    /// The same, and the call runs to its end even if nobody waits, as when it fills a cache.
    #[must_use]
    pub fn detach(self) -> CoalesceLayer<Req, K, P, G, Spawned> {
        self.run(Spawned { detach: true })
    }

    fn run<R>(self, run: R) -> CoalesceLayer<Req, K, P, G, R> {
        CoalesceLayer {
            key: self.key,
            share: self.share,
            group: self.group,
            run,
        }
    }
}

impl<S, Req, K, P, G, R> Layer<S> for CoalesceLayer<Req, K, P, G, R>
where
    S: Service<Req>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    P: Share<S::Response, S::Error>,
    G: GroupFor<K, P::Value>,
    R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
{
    type Service = CoalesceService<S, Req, K, P::Value, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        let policy = Policy {
            key: Arc::clone(&self.key),
            group: self.group.group(),
            share: self.share.clone(),
            run: self.run.clone(),
        };
        CoalesceService::new(inner, policy)
    }
}

impl<Req, K, P: Clone, G: Clone, R: Clone> Clone for CoalesceLayer<Req, K, P, G, R> {
    /// Another layer like it.
    fn clone(&self) -> Self {
        Self {
            key: Arc::clone(&self.key),
            share: self.share.clone(),
            group: self.group.clone(),
            run: self.run.clone(),
        }
    }
}

impl<Req, K, P: fmt::Debug, G: fmt::Debug, R: fmt::Debug> fmt::Debug
    for CoalesceLayer<Req, K, P, G, R>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoalesceLayer")
            .field("share", &self.share)
            .field("group", &self.group)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
