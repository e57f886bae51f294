//! The service that coalesces.

use std::{
    fmt,
    hash::Hash,
    sync::Arc,
    task::{Context, Poll},
};

use coalesce_runtime::Group;
use tower_service::Service;

use super::{future::ResponseFuture, lead::Lead, policy::Policy, share::Share};
use crate::run::{InPlace, Run};

/// A service whose concurrent requests with the same key share one call of the inner service, made by
/// [`CoalesceLayer`](crate::CoalesceLayer). Its clones share their flights. It is always ready, since a request that follows another needs
/// nothing of the inner service; back pressure is felt in the future of the request that leads. So a
/// `load_shed` layer belongs inside of it.
pub struct CoalesceService<S, Req, K, V, P, R = InPlace> {
    /// To be cloned, and never made ready.
    inner: S,
    policy: Arc<Policy<Req, K, V, P, R>>,
}

impl<S, Req, K, V, P, R> CoalesceService<S, Req, K, V, P, R> {
    pub(crate) fn new(inner: S, policy: Policy<Req, K, V, P, R>) -> Self {
        Self {
            inner,
            policy: Arc::new(policy),
        }
    }

    /// The group of its flights: for `forget` and `stats`.
    #[must_use]
    pub fn group(&self) -> &Group<K, V> {
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

impl<S, Req, K, P, R> Service<Req> for CoalesceService<S, Req, K, P::Value, P, R>
where
    S: Service<Req> + Clone,
    K: Hash + Eq + Clone + Send + Sync + 'static,
    P: Share<S::Response, S::Error>,
    R: Run<P::Sharing, K, P::Value, Lead<S, Req, P>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, Req, K, P, R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let key = (self.policy.key)(&request);
        let policy = Arc::clone(&self.policy);
        ResponseFuture::new(key, self.inner.clone(), request, policy)
    }
}

impl<S: Clone, Req, K, V, P, R> Clone for CoalesceService<S, Req, K, V, P, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            policy: Arc::clone(&self.policy),
        }
    }
}

impl<S: fmt::Debug, Req, K, V, P, R> fmt::Debug for CoalesceService<S, Req, K, V, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoalesceService")
            .field("inner", &self.inner)
            .field("group", &self.policy.group)
            .finish_non_exhaustive()
    }
}
