//! What the clones of a service have in common.

use std::sync::Arc;

use coalesce_runtime::Group;
use http::Request;
use http_body::Body;

use super::{
    key::RequestKey,
    reason::Reason,
    request::left_alone,
    rules::Rules,
    task::{Failed, Fetched},
};

/// What tells requests apart, besides what is in every key.
pub(crate) type KeyOf<B, K> = Arc<dyn Fn(&Request<B>) -> K + Send + Sync>;

/// Which requests are left alone, besides those that the layer leaves alone anyway.
pub(crate) type BypassOf<B> = Arc<dyn Fn(&Request<B>) -> bool + Send + Sync>;

/// The group of an [`HttpCoalesceLayer`](super::HttpCoalesceLayer): what is in flight, and who waits for it.
pub type HttpGroup<K = ()> = Group<RequestKey<K>, Result<Fetched, Failed>>;

pub(crate) struct Policy<B, K> {
    pub(crate) key: KeyOf<B, K>,
    pub(crate) bypass: Option<BypassOf<B>>,
    pub(crate) group: HttpGroup<K>,
    pub(crate) rules: Arc<Rules>,
}

impl<B: Body, K> Policy<B, K> {
    /// The key of a request, or none, if it is left alone.
    pub(crate) fn key(&self, request: &Request<B>) -> Option<K> {
        let bypass = || self.bypass.as_ref().is_some_and(|bypass| bypass(request));
        let reason =
            left_alone(request, self.rules.names()).or_else(|| bypass().then_some(Reason::Bypass));
        match reason {
            Some(reason) => {
                self.rules.count(reason);
                None
            }
            None => Some((self.key)(request)),
        }
    }
}
