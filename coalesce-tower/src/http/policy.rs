//! What the services of a layer were told by it, and how their requests come to their flights by it.

use std::{hash::Hash, sync::Arc};

use coalesce_runtime::{
    Group, Role,
    private::{self, Owned, Way},
};
use http::Request;
use http_body::Body;
use tower_service::Service;

use super::{
    landing::{Landing, Sharing},
    lead::{Lead, Rules},
    request::RequestKey,
    waiting::WaitingOf,
};
use crate::run::Run;

/// How the key of a request is found; `None`: it is left alone.
pub(crate) type KeyOf<B, K> = Arc<dyn Fn(&Request<B>) -> Option<K> + Send + Sync>;

/// What the services of a layer have in common.
pub(crate) struct Policy<B, K> {
    pub(crate) key: KeyOf<B, K>,
    pub(crate) group: Group<RequestKey<K>, Landing>,
    pub(crate) rules: Arc<Rules>,
}

impl<B, K> Policy<B, K>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    /// Joins the flight of this key, or opens one, or goes alone.
    pub(crate) fn start<S, D, R>(
        &self,
        key: Option<RequestKey<K>>,
        waiting: &WaitingOf<S, B, D, S::Error>,
        run: &R,
    ) -> R::Call
    where
        S: Service<Request<B>>,
        D: Body,
        R: Run<Sharing, RequestKey<K>, Landing, Lead<S, B, D>>,
    {
        // Of one type of service each: two services never share, even if they come from one layer.
        let flights = Owned(&self.group);
        let share = private::cloned;
        let memory = &self.rules.memory;
        let key = key.map(|key| (memory.hash(&key), key));
        let Some((hash, key)) = key.filter(|(hash, _)| !memory.remembers(*hash)) else {
            let place = private::alone(flights, Way::new(share));
            return run.run(place, Lead::new(waiting.clone(), None));
        };
        let place = private::join(flights, None, &key, Way::new(share));
        // By its limits the group may have it run alone: then nothing is to be collected.
        let shares = place.role() != Role::Alone;
        let rules = shares.then(|| (Arc::clone(&self.rules), hash));
        run.run(place, Lead::new(waiting.clone(), rules))
    }
}
