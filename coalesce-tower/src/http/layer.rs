//! The layer: whose requests it is for, and what they are told apart by. What else it is told is in `options`.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use coalesce_runtime::Config;
use http::Request;
use tower_layer::Layer;

use super::{
    key::RequestKey,
    policy::{BypassOf, HttpGroup, KeyOf, Policy},
    rules::Rules,
    service::HttpCoalesceService,
    task::Landing,
    terms::Terms,
};
use crate::coalesce::{GroupFor, NewGroup};

/// Concurrent HTTP requests that are the same share one fetch, whose body streams to all of them.
///
/// ```
/// use axum::{Router, body::Body, extract::Request, http::header::CACHE_CONTROL, routing::get};
/// use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use tower::ServiceExt;
///
/// static RUNS: AtomicU32 = AtomicU32::new(0);
///
/// async fn news() -> ([(axum::http::HeaderName, &'static str); 1], &'static str) {
///     RUNS.fetch_add(1, Relaxed);
///     ([(CACHE_CONTROL, "public")], "nothing new")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let layer = HttpCoalesceLayer::new().group(&HttpGroup::new().named("news"));
/// let app = Router::new().route("/news", get(news)).layer(layer);
///
/// let request = || Request::get("/news").body(Body::empty()).unwrap();
/// let (one, other) = tokio::join!(app.clone().oneshot(request()), app.oneshot(request()));
/// assert!(one.unwrap().status().is_success() && other.unwrap().status().is_success());
/// assert_eq!(RUNS.load(Relaxed), 1);
/// # }
/// ```
///
/// [The module](super) has the rules: which requests and responses are shared, and what becomes of clients that leave or
/// read slowly.
///
/// # One layer, one service
///
/// Each service that a layer makes has fetches of its own, which the service's clones share. A layer is not `Clone`, so
/// that it does not come to stand before a second service by a clone. Some routers need a clone, or apply
/// a layer for each connection or request, as axum does: give the layer a [`group`](Self::group), which says whose
/// fetches they are. Then it is `Clone`, and all services that it and its clones make share them.
///
/// ```compile_fail
/// use axum::{Router, routing::get};
/// use coalesced::tower::HttpCoalesceLayer;
///
/// let app: Router = Router::new().route("/", get(|| async {})).layer(HttpCoalesceLayer::new());
/// ```
///
/// In axum use the feature `axum`, too: inside of a router that strips a prefix (`nest`) two routes see the same URI,
/// and with the feature the URI that the client sent is in the key. Without it, the feature `tracing` has a warning.
///
/// # Where to put it
///
/// Above a concurrency limit, since those who wait take nothing of it, and above what makes responses
/// costly. Below what decides who may ask (authentication).
pub struct HttpCoalesceLayer<B, K = (), G = NewGroup> {
    key: KeyOf<B, K>,
    pub(super) bypass: Option<BypassOf<B>>,
    group: G,
    pub(super) terms: Terms,
    /// Where there is a group: made for the first service, and shared by this layer's clones.
    pub(super) policy: Option<Made<B, K>>,
}

/// What the services of a layer and its clones have in common.
type Made<B, K> = Arc<OnceLock<Arc<Policy<B, K>>>>;

impl<B> HttpCoalesceLayer<B> {
    /// A layer by which requests are the same if their methods and targets are.
    #[must_use]
    pub fn new() -> Self {
        Self {
            key: Arc::new(|_| ()),
            bypass: None,
            group: NewGroup {
                name: "http",
                config: Config::new(),
            },
            terms: Terms::default(),
            policy: None,
        }
    }

    /// Takes what this function says of a request into the key.
    ///
    /// Whatever decides who may see a response, and is no header that the layer knows, must be in the key.
    ///
    /// ```
    /// use axum::body::Body;
    /// use coalesced::tower::HttpCoalesceLayer;
    ///
    /// #[derive(Clone, PartialEq, Eq, Hash)]
    /// struct Tenant(u64); // set by a layer outside
    ///
    /// let layer = HttpCoalesceLayer::<Body>::new().key(|request| request.extensions().get::<Tenant>().cloned());
    /// # drop(layer);
    /// ```
    #[must_use]
    pub fn key<K, F>(self, key: F) -> HttpCoalesceLayer<B, K>
    where
        F: Fn(&Request<B>) -> K + Send + Sync + 'static,
    {
        HttpCoalesceLayer {
            key: Arc::new(key),
            bypass: self.bypass,
            group: self.group,
            terms: self.terms,
            policy: None,
        }
    }
}

impl<B, K> HttpCoalesceLayer<B, K> {
    /// Names the group of its fetches.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.group.name = name;
        self
    }

    /// Sets the limits of its fetches.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.group.config = config;
        self
    }

    /// Has the fetches of this layer, and of all its clones, in this group: to be told of its name and its limits, to
    /// be looked at, and for `forget_all` after a write.
    ///
    /// The layer is `Clone` then: a group says that all services whose layers have it are one and the same to clients.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
    ///
    /// static NEWS: HttpGroup = HttpGroup::new().named("news");
    ///
    /// let app: Router = Router::new()
    ///     .route("/news", get(|| async { "nothing new" }))
    ///     .layer(HttpCoalesceLayer::new().group(&NEWS).share_unmarked());
    /// # drop(app);
    /// NEWS.forget_all(); // after a write: who comes now is answered anew
    /// ```
    #[must_use]
    pub fn group(self, group: &HttpGroup<K>) -> HttpCoalesceLayer<B, K, HttpGroup<K>>
    where
        HttpGroup<K>: Clone,
    {
        HttpCoalesceLayer {
            key: self.key,
            bypass: self.bypass,
            group: group.clone(),
            terms: self.terms,
            policy: Some(Arc::default()),
        }
    }
}

impl<S, B, K, G> Layer<S> for HttpCoalesceLayer<B, K, G>
where
    G: GroupFor<RequestKey<K>, Landing>,
    K: Send + Sync + 'static,
{
    type Service = HttpCoalesceService<S, B, K>;

    fn layer(&self, inner: S) -> Self::Service {
        let make = || {
            let group = self.group.group();
            #[cfg(all(feature = "tracing", not(feature = "axum")))]
            super::nested::warn_of::<S>(group.name());
            let rules = Rules::new(self.terms.clone(), group.name());
            Arc::new(Policy {
                key: Arc::clone(&self.key),
                bypass: self.bypass.clone(),
                group,
                rules: Arc::new(rules),
            })
        };
        let policy = match &self.policy {
            Some(policy) => Arc::clone(policy.get_or_init(make)),
            None => make(),
        };
        HttpCoalesceService::new(inner, policy)
    }
}

/// A layer with a group: its clones share the group's fetches.
#[diagnostic::on_unimplemented(
    message = "`HttpCoalesceLayer` is not `Clone` before it has a group; write `HttpCoalesceLayer::new().group(&coalesced::tower::http::HttpGroup::new())`, while a `&` before it does not help",
    label = "is not `Clone` before it has a group",
    note = "axum clones a layer, and applies it for each connection or request; the group says whose fetches all of them have"
)]
pub trait SharedByClones: Clone {}

impl<K: Send + Sync + 'static> SharedByClones for HttpGroup<K> {}

impl<B, K, G: SharedByClones> Clone for HttpCoalesceLayer<B, K, G> {
    /// Another layer whose services share the same fetches.
    fn clone(&self) -> Self {
        Self {
            key: Arc::clone(&self.key),
            bypass: self.bypass.clone(),
            group: self.group.clone(),
            terms: self.terms.clone(),
            policy: self.policy.clone(),
        }
    }
}

impl<B> Default for HttpCoalesceLayer<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B, K, G: fmt::Debug> fmt::Debug for HttpCoalesceLayer<B, K, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCoalesceLayer")
            .field("group", &self.group)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}
