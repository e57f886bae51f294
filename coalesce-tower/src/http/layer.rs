//! The layer, and what can be said of it.

use std::{
    any::type_name,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use coalesce_runtime::{Config, Group};
use http::{HeaderName, Request};
use tower_layer::Layer;

use super::{
    lead::Rules,
    memory::Memory,
    policy::{KeyOf, Policy},
    response::Terms,
    service::HttpCoalesceService,
};
#[cfg(feature = "spawn")]
use crate::run::Spawned;
use crate::{coalesce::NotAnOption, run::InPlace};

/// Concurrent HTTP requests with the same key share one call of the service, streaming bodies and all.
///
/// The response of the request that leads is collected, up to a limit, and each that waited gets the same
/// status, headers, extensions, bytes and trailers.
///
/// ```
/// use axum::{Router, body::Body, extract::Request, http::header, routing::get};
/// use coalesced::tower::HttpCoalesceLayer;
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use tower::ServiceExt;
///
/// static RUNS: AtomicU32 = AtomicU32::new(0);
///
/// async fn news() -> ([(header::HeaderName, &'static str); 1], &'static str) {
///     RUNS.fetch_add(1, Relaxed);
///     tokio::task::yield_now().await; // a slow upstream
///     ([(header::CACHE_CONTROL, "public")], "nothing new")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = Router::new()
///     .route("/news", get(news))
///     // What tells requests apart, besides method and URI: nothing.
///     .layer(HttpCoalesceLayer::new(|_: &Request| ()).named("news"));
///
/// let request = || Request::get("/news").body(Body::empty()).unwrap();
/// let (one, other) = tokio::join!(app.clone().oneshot(request()), app.oneshot(request()));
/// assert!(one.unwrap().status().is_success() && other.unwrap().status().is_success());
/// assert_eq!(RUNS.load(Relaxed), 1);
/// # }
/// ```
///
/// # Which requests
///
/// `GET` and `HEAD` without a body. Left alone are requests with `Authorization`, `Cookie`, `Range`, a
/// condition (`If-None-Match` and the like), `Cache-Control: no-cache` or `no-store`, or
/// `Upgrade`; [`key_header`](Self::key_header) takes such a header into the key.
///
/// Two requests are the same if their methods, their target URIs (with `Host`), those headers and their
/// keys are. **Whatever else decides who may see a response must be in the key**: the layer sees no
/// client certificate, no API key in a header of your own, no extension that a layer outside has set.
///
/// # Which responses
///
/// Because of that, a response is given to others only if it says that anybody may have it:
/// `Cache-Control: public`, or `s-maxage`. [`share_unmarked`](Self::share_unmarked) is for routes of
/// which you know that it is so. Never shared are responses with `Set-Cookie`, with `Cache-Control:
/// private`, `no-store` or `no-cache`, that are stale at once, that vary by what is not in the key
/// (`Vary`), that are event streams, or that are larger than [`max_body`](Self::max_body). Then those
/// who waited run their own, all at once, and the key is left alone for [a while](Self::remember_for).
///
/// # Whose flights
///
/// All services that a layer and its clones make share their flights, since some routers apply a layer
/// for each request (in axum `Handler::layer`, and a `Router` that is called before it got its state).
/// Two services of different types never share. But inside of routers that strip a prefix (axum's
/// `nest`) two routes see the same URI, and a clone of one layer on both would give one's response to the
/// other's clients: **give each nested router a layer of its own**, or put the layer outside.
///
/// # Where to put it
///
/// Above a concurrency limit, since those who wait take nothing of it, and above what makes responses
/// costly. Below what decides who may ask (authentication), and below what compresses, or take
/// `Accept-Encoding` into the key. With a timeout above it, consider [`spawn`](Self::spawn).
pub struct HttpCoalesceLayer<B, K, R = InPlace> {
    key: KeyOf<B, K>,
    name: &'static str,
    config: Config,
    terms: Terms,
    remember_for: Duration,
    run: R,
    /// Made for the first service, and shared by this layer's clones.
    policy: Arc<OnceLock<Arc<Policy<B, K>>>>,
}

impl<B, K> HttpCoalesceLayer<B, K> {
    /// A layer whose requests are the same when their methods and URIs are, and `key` says so of them.
    pub fn new<F, N>(key: F) -> Self
    where
        F: Fn(&Request<B>) -> K + Send + Sync + 'static,
        K: NotAnOption<N>,
    {
        Self::keyed(
            type_name::<F>(),
            Arc::new(move |request| Some(key(request))),
        )
    }

    /// The same, where requests without a key are left alone.
    pub fn optional<F>(key: F) -> Self
    where
        F: Fn(&Request<B>) -> Option<K> + Send + Sync + 'static,
    {
        Self::keyed(type_name::<F>(), Arc::new(key))
    }

    fn keyed(place: &'static str, key: KeyOf<B, K>) -> Self {
        Self {
            key,
            name: place.trim_end_matches("::{{closure}}"),
            config: Config::new(),
            terms: Terms {
                names: Vec::new(),
                share_unmarked: false,
                max_body: 1 << 20,
            },
            remember_for: Duration::from_secs(10),
            run: InPlace,
            policy: Arc::default(),
        }
    }
}

impl<B, K, R> HttpCoalesceLayer<B, K, R> {
    /// Names the group of its flights; else it is called after the place of the key function.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self {
            name,
            ..self.apart()
        }
    }

    /// Sets the limits of its flights.
    #[must_use]
    pub fn with_config(self, config: Config) -> Self {
        Self {
            config,
            ..self.apart()
        }
    }

    /// Takes this header of the request into the key.
    ///
    /// Requests that were left alone because of it are then shared by those that send the same, and so
    /// are responses that vary by it.
    ///
    /// ```
    /// use axum::{extract::Request, http::header};
    /// use coalesced::tower::HttpCoalesceLayer;
    ///
    /// // A user's own requests are shared with each other.
    /// let layer = HttpCoalesceLayer::new(|_: &Request| ())
    ///     .key_header(header::AUTHORIZATION)
    ///     .key_header(header::ACCEPT_ENCODING);
    /// ```
    #[must_use]
    pub fn key_header(self, name: HeaderName) -> Self {
        let mut apart = self.apart();
        apart.terms.names.push(name);
        apart
    }

    /// Shares responses that do not say that they may be, as if they said `Cache-Control: public`.
    ///
    /// Only for routes whose responses are the same for everybody with the same key. What says
    /// `private` or sets a cookie is not shared all the same, nor what is said to one client (401, 403,
    /// 429 and the like).
    #[must_use]
    pub fn share_unmarked(self) -> Self {
        let mut apart = self.apart();
        apart.terms.share_unmarked = true;
        apart
    }

    /// The largest body that is shared, in bytes; 1 MiB by default. A larger one streams through.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        let mut apart = self.apart();
        apart.terms.max_body = bytes;
        apart
    }

    /// How long a key is left alone whose response could not be shared; 10 seconds by default.
    #[must_use]
    pub fn remember_for(self, remember_for: Duration) -> Self {
        Self {
            remember_for,
            ..self.apart()
        }
    }

    /// A layer that is to differ from its clones shares nothing with them.
    fn apart(self) -> Self {
        Self {
            policy: Arc::default(),
            ..self
        }
    }
}

#[cfg(feature = "spawn")]
impl<B, K> HttpCoalesceLayer<B, K, InPlace> {
    /// Calls the service on a Tokio task of its own, which a dropped request leaves alone, and which is
    /// aborted when nobody waits for it any more.
    #[must_use]
    pub fn spawn(self) -> HttpCoalesceLayer<B, K, Spawned> {
        self.run(Spawned { detach: false })
    }

    /// The same, and the call runs to its end even if nobody waits.
    #[must_use]
    pub fn detach(self) -> HttpCoalesceLayer<B, K, Spawned> {
        self.run(Spawned { detach: true })
    }

    fn run<R>(self, run: R) -> HttpCoalesceLayer<B, K, R> {
        HttpCoalesceLayer {
            key: self.key,
            name: self.name,
            config: self.config,
            terms: self.terms,
            remember_for: self.remember_for,
            run,
            policy: Arc::default(),
        }
    }
}

impl<S, B, K, R> Layer<S> for HttpCoalesceLayer<B, K, R>
where
    R: Clone,
{
    type Service = HttpCoalesceService<S, B, K, R>;

    fn layer(&self, inner: S) -> Self::Service {
        let policy = self.policy.get_or_init(|| {
            Arc::new(Policy {
                key: Arc::clone(&self.key),
                group: Group::new().named(self.name).with_config(self.config),
                rules: Arc::new(Rules {
                    terms: self.terms.clone(),
                    memory: Memory::new(self.remember_for),
                }),
            })
        });
        HttpCoalesceService::new(inner, Arc::clone(policy), self.run.clone())
    }
}

impl<B, K, R: Clone> Clone for HttpCoalesceLayer<B, K, R> {
    /// Another layer whose services share the same flights.
    fn clone(&self) -> Self {
        Self {
            key: Arc::clone(&self.key),
            name: self.name,
            config: self.config,
            terms: self.terms.clone(),
            remember_for: self.remember_for,
            run: self.run.clone(),
            policy: Arc::clone(&self.policy),
        }
    }
}

impl<B, K, R: fmt::Debug> fmt::Debug for HttpCoalesceLayer<B, K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCoalesceLayer")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("terms", &self.terms)
            .field("remember_for", &self.remember_for)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
