//! The layer, and what can be said of it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use coalesce_runtime::Config;
use http::{HeaderName, Request};
use tower_layer::Layer;

use super::{
    key::RequestKey,
    policy::{BypassOf, HttpGroup, KeyOf, Policy},
    rules::{CopyExtension, Rules, Terms},
    service::HttpCoalesceService,
    task::Landing,
};
use crate::coalesce::{GroupFor, NewGroup};

/// Concurrent HTTP requests that are the same share one fetch, whose body streams to all of them.
///
/// ```
/// use axum::{Router, body::Body, extract::Request, http::header::CACHE_CONTROL, routing::get};
/// use coalesced::{Group, tower::HttpCoalesceLayer};
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
/// let layer = HttpCoalesceLayer::new().group(&Group::new().named("news"));
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
/// and with the feature the URI that the client sent is in the key.
///
/// # Where to put it
///
/// Above a concurrency limit, since those who wait take nothing of it, and above what makes responses
/// costly. Below what decides who may ask (authentication).
pub struct HttpCoalesceLayer<B, K = (), G = NewGroup> {
    key: KeyOf<B, K>,
    bypass: Option<BypassOf<B>>,
    group: G,
    terms: Terms,
    /// Where there is a group: made for the first service, and shared by this layer's clones.
    policy: Option<Made<B, K>>,
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

impl<B, K, G> HttpCoalesceLayer<B, K, G> {
    /// Takes this header of the request into the key.
    ///
    /// Requests that were left alone because of it are then shared by those that send the same, and so
    /// are responses that vary by it.
    ///
    /// ```
    /// use axum::{body::Body, http::header::AUTHORIZATION};
    /// use coalesced::tower::HttpCoalesceLayer;
    ///
    /// // A user's own requests are shared with each other.
    /// let layer = HttpCoalesceLayer::<Body>::new().key_header(AUTHORIZATION).key_header("x-tenant");
    /// # drop(layer);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no name of a header.
    #[must_use]
    pub fn key_header(self, name: impl TryInto<HeaderName>) -> Self {
        let name = header(name);
        self.told(|terms| {
            if !terms.names.contains(&name) {
                terms.names.push(name);
            }
        })
    }

    /// Leaves requests alone of which this is true: each runs by itself, as without the layer.
    #[must_use]
    pub fn bypass<F>(mut self, bypass: F) -> Self
    where
        F: Fn(&Request<B>) -> bool + Send + Sync + 'static,
    {
        self.bypass = Some(Arc::new(bypass));
        self.told(|_| {})
    }

    /// Shares responses that do not say that they may be, as if they said `Cache-Control: public`.
    ///
    /// Only for routes whose responses are the same for everybody with the same key. What forbids to be shared is not
    /// shared all the same.
    #[must_use]
    pub fn share_unmarked(self) -> Self {
        self.told(|terms| terms.share_unmarked = true)
    }

    /// Gives extensions of this type to all who share a response; without it they are its first client's alone.
    #[must_use]
    pub fn share_extension<T: Clone + Send + Sync + 'static>(self) -> Self {
        self.told(|terms| {
            terms.extensions.push(CopyExtension(|from, to| {
                if let Some(extension) = from.get::<T>() {
                    to.insert(extension.clone());
                }
            }));
        })
    }

    /// The response headers that are the first client's alone, instead of those that are so by default: ids of
    /// requests and traces (`x-request-id`, `traceparent`, ..), timings, and rate limits. Headers of the connection
    /// are never shared.
    ///
    /// # Panics
    ///
    /// If one is no name of a header.
    #[must_use]
    pub fn own_headers<N: TryInto<HeaderName>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(header).collect();
        self.told(|terms| terms.own_headers = names)
    }

    /// How much of a body is kept, in bytes; 1 MiB by default. While all of it is kept, newcomers may join; from
    /// there on the fetch waits for its slowest client.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.told(|terms| terms.max_body = bytes as u64)
    }

    /// How much of all bodies is kept, in bytes; 64 MiB by default. When it is spent, requests pass by, as without the
    /// layer, and fetches keep no more than the frame that their clients have not had yet.
    #[must_use]
    pub fn max_memory(self, bytes: usize) -> Self {
        self.told(|terms| terms.max_memory = bytes)
    }

    /// How long a fetch that can keep no more waits for its slowest client; 10 seconds by default. That client's body
    /// then ends in an error, which [says so](super::BodyError::is_too_slow).
    ///
    /// While others have read all there is, and wait for more, a client has this long from when something came to read
    /// it. If nobody waits for it, a client has this long to read anything.
    #[must_use]
    pub fn max_lag(self, lag: Duration) -> Self {
        self.told(|terms| terms.patience = lag)
    }

    /// How long it is remembered what a key's responses were like: that they are not shared, so that those who ask for it
    /// do not wait for each other, or what they vary by. 2 minutes by default, and longer if the key is still asked for
    /// in the second half of that time and its responses are still so.
    #[must_use]
    pub fn remember_for(self, remember_for: Duration) -> Self {
        self.told(|terms| terms.remember_for = remember_for)
    }

    /// Lets a fetch run to its end even if all its clients have left, as when it fills a cache. Requests that are
    /// left alone end with their clients all the same.
    #[must_use]
    pub fn detach(self) -> Self {
        self.told(|terms| terms.detach = true)
    }

    /// A layer that is to differ from its clones shares nothing but the group with them.
    fn told(mut self, tell: impl FnOnce(&mut Terms)) -> Self {
        tell(&mut self.terms);
        self.policy = self.policy.map(|_| Arc::default());
        self
    }
}

fn header(name: impl TryInto<HeaderName>) -> HeaderName {
    let Ok(name) = name.try_into() else {
        panic!("this is no name of a header")
    };
    name
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
    message = "this layer is for one service, so it is not `Clone`; say whose fetches its clones have, with `.group(&Group::new())`",
    label = "is not `Clone` without a group",
    note = "axum clones a layer, and applies it for each connection or request: `.layer(HttpCoalesceLayer::new().group(&Group::new()))`"
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
