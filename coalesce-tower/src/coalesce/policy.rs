//! What a service was told by its layer, and how its requests come to their flights by it.

use std::{hash::Hash, sync::Arc};

use coalesce_runtime::{
    Group, Value,
    private::{self, ByHand, Way},
};
use tower_service::Service;

use super::{lead::Lead, share::Share};
use crate::run::Run;

/// How the key of a request is found; `None`: it is not coalesced.
pub(crate) type KeyOf<Req, K> = Arc<dyn Fn(&Req) -> Option<K> + Send + Sync>;

/// What the clones of a service, and its requests, have in common.
pub(crate) struct Policy<Req, K, V, P, R> {
    pub(crate) key: KeyOf<Req, K>,
    pub(crate) group: Group<K, V>,
    pub(crate) share: P,
    pub(crate) run: R,
}

impl<Req, K, V, P, R> Policy<Req, K, V, P, R>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Value,
{
    /// Joins the flight of this key, or opens one, or goes alone.
    pub(crate) fn start<S>(&self, key: Option<K>, lead: Lead<S, Req, P>) -> R::Call
    where
        S: Service<Req>,
        P: Share<S::Response, S::Error, Value = V>,
        R: Run<P::Sharing, K, V, Lead<S, Req, P>>,
    {
        let flights = ByHand(&self.group);
        let seat = match key {
            Some(key) => private::join(flights, None, &key, Way::new(private::cloned)),
            None => private::alone(flights, Way::new(private::cloned)),
        };
        self.run.run(seat, lead)
    }
}
