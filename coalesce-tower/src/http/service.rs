//! The service that coalesces HTTP requests.

use std::{
    fmt,
    hash::Hash,
    sync::Arc,
    task::{Context, Poll},
};

use coalesce_runtime::Group;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    future::ResponseFuture,
    landing::{Landing, Sharing},
    lead::Lead,
    policy::Policy,
    request::{RequestKey, may_share},
    response_body::ResponseBody,
};
use crate::run::{InPlace, Run};

/// A service whose concurrent HTTP requests with the same key share one call of the inner service.
///
/// It is always ready, since a request that follows another needs nothing of the inner service; back
/// pressure is felt in the future of the request that leads.
pub struct HttpCoalesceService<S, B, K, R = InPlace> {
    /// To be cloned, and never made ready.
    inner: S,
    policy: Arc<Policy<B, K>>,
    run: R,
}

impl<S, B, K, R> HttpCoalesceService<S, B, K, R> {
    pub(crate) fn new(inner: S, policy: Arc<Policy<B, K>>, run: R) -> Self {
        Self { inner, policy, run }
    }

    /// The group of its flights: for `stats`.
    #[must_use]
    pub fn group(&self) -> &Group<RequestKey<K>, Landing> {
        &self.policy.group
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

impl<S, B, D, K, R> Service<Request<B>> for HttpCoalesceService<S, B, K, R>
where
    S: Service<Request<B>, Response = Response<D>> + Clone,
    B: Body,
    D: Body,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
{
    type Response = Response<ResponseBody<D>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, D, K, R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let names = &self.policy.rules.terms.names;
        let key = may_share(&request, names)
            .then(|| (self.policy.key)(&request))
            .flatten()
            .map(|key| RequestKey::new(&request, names, key));
        let policy = Arc::clone(&self.policy);
        ResponseFuture::new(key, self.inner.clone(), request, policy, self.run.clone())
    }
}

impl<S: Clone, B, K, R: Clone> Clone for HttpCoalesceService<S, B, K, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            policy: Arc::clone(&self.policy),
            run: self.run.clone(),
        }
    }
}

impl<S: fmt::Debug, B, K, R> fmt::Debug for HttpCoalesceService<S, B, K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCoalesceService")
            .field("inner", &self.inner)
            .field("group", &self.policy.group)
            .finish_non_exhaustive()
    }
}
