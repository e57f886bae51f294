//! The service that coalesces HTTP requests.

use std::{
    fmt,
    hash::Hash,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    body::{BoxError, ResponseBody},
    future::ResponseFuture,
    policy::{HttpGroup, Policy},
};

/// A service whose concurrent HTTP requests with the same key share one fetch, made by
/// [`HttpCoalesceLayer`](crate::HttpCoalesceLayer).
///
/// Its clones share their fetches. It is always ready, since a request that joins a fetch needs nothing of the inner
/// service; back pressure is felt by the fetch.
pub struct HttpCoalesceService<S, B, K = ()> {
    /// To be cloned, and never made ready.
    inner: S,
    policy: Arc<Policy<B, K>>,
}

impl<S, B, K> HttpCoalesceService<S, B, K> {
    pub(crate) fn new(inner: S, policy: Arc<Policy<B, K>>) -> Self {
        Self { inner, policy }
    }

    /// The group of its fetches: for `stats`, `forget_all`, and what is in flight.
    #[must_use]
    pub fn group(&self) -> &HttpGroup<K> {
        &self.policy.group
    }

    /// How many bytes its fetches keep now; see [`max_memory`](super::HttpCoalesceLayer::max_memory).
    #[must_use]
    pub fn memory(&self) -> usize {
        self.policy.rules.budget.taken()
    }

    /// The inner service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B, D, K> Service<Request<B>> for HttpCoalesceService<S, B, K>
where
    S: Service<Request<B>, Response = Response<D>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Body + Send + 'static,
    D: Body + Send + 'static,
    D::Error: Into<BoxError>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    type Response = Response<ResponseBody<D>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, D, K>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let key = self.policy.key(&request);
        let service = self.inner.clone();
        match key {
            Some(key) => ResponseFuture::joining(key, Arc::clone(&self.policy), service, request),
            None => ResponseFuture::alone(service, request),
        }
    }
}

impl<S: Clone, B, K> Clone for HttpCoalesceService<S, B, K> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            policy: Arc::clone(&self.policy),
        }
    }
}

impl<S: fmt::Debug, B, K> fmt::Debug for HttpCoalesceService<S, B, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCoalesceService")
            .field("inner", &self.inner)
            .field("group", &self.policy.group)
            .finish_non_exhaustive()
    }
}
