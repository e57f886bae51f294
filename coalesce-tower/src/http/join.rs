//! How a request comes into a fetch, or opens one, or goes alone.

use std::{hash::Hash, sync::Arc};

use coalesce_runtime::{
    Role,
    private::{self, ByHand, Way, Whole},
};
use http::{Request, Response};
use http_body::Body;
use tokio::{runtime::Handle, time::sleep};
use tower_service::Service;

use super::{
    body::BoxError,
    borrowed::Borrowed,
    client::Client,
    future::{Place, Stage, Waiting},
    lookup::{Lookup, Met},
    memory::Memo,
    policy::Policy,
    reason::Reason,
    rules::Subject,
    task::{Fetching, Landing, Task},
};

impl<S, B, D, K> Stage<S, B, D, K>
where
    S: Service<Request<B>, Response = Response<D>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: Send + 'static,
    D: Body + Send + 'static,
    D::Error: Into<BoxError>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    /// Joins the fetch of this key, or opens one, or goes alone; what is its own is taken for the latter two.
    pub(super) fn join(
        policy: &Policy<B, K>,
        key: &K,
        own: &mut Option<(S, Request<B>)>,
        again: bool,
    ) -> Self {
        let Some((_, request)) = own else {
            unreachable!("who joins has a request")
        };
        let rules = &policy.rules;
        let mut asked = Borrowed::new(request, rules.names(), key);
        let hash = asked.hash();
        let subject = |names, request: &Request<B>| {
            let _ = request;
            Subject {
                hash,
                names,
                #[cfg(feature = "tracing")]
                uri: request.uri().clone(),
            }
        };
        let names = match rules.recall(hash) {
            Some((Memo::Own, is_old)) => {
                let subject = is_old.then(|| subject(Arc::clone(rules.names()), request));
                return Self::go_alone(policy, Reason::Remembered, own, subject);
            }
            Some((Memo::Names(learnt), _)) => learnt,
            None => Arc::clone(rules.names()),
        };
        if names.len() > rules.names().len() {
            asked = asked.with_learnt(&names);
        }
        if rules.budget.is_spent() {
            return Self::go_alone(policy, Reason::Budget, own, None);
        }
        let met = Met::default();
        let lookup = Lookup {
            key: asked,
            rules,
            met: &met,
        };
        let way = Way::<Whole, Landing>::new(private::cloned);
        let place: Place<S, B, D, K> = private::join_untimed(ByHand(&policy.group), lookup, way);
        match place.role() {
            Role::Leader => {
                let Some(fetch) = met.made() else {
                    unreachable!("who opens a flight has made its key")
                };
                let client = Client::first(Arc::clone(&fetch));
                let (service, request) = taken(own);
                let subject = subject(names, &request);
                let rules = Arc::clone(rules);
                let fetching = Fetching::new(Arc::clone(&fetch), rules, subject, service, request);
                let task = Task::new(Arc::clone(&fetch), private::run(place, fetching));
                let Ok(runtime) = Handle::try_current() else {
                    panic!("an HTTP request is shared on a Tokio runtime, and there is none here")
                };
                fetch.started(runtime.spawn(task).abort_handle());
                let waiting = Waiting {
                    place: None,
                    client,
                    patience: None,
                };
                Self::Waiting { waiting }
            }
            Role::Follower => {
                let Some(client) = met.client() else {
                    unreachable!("who follows a flight has entered its fetch")
                };
                let max_wait = private::max_wait(policy.group.config()).filter(|_| !again);
                let waiting = Waiting {
                    place: Some(place),
                    client,
                    patience: max_wait.map(|wait| Box::pin(sleep(wait))),
                };
                Self::Waiting { waiting }
            }
            _ => {
                rules.count(Reason::Limits);
                Self::alone(Some(place), taken(own), None)
            }
        }
    }

    fn go_alone(
        policy: &Policy<B, K>,
        reason: Reason,
        own: &mut Option<(S, Request<B>)>,
        subject: Option<Subject>,
    ) -> Self {
        policy.rules.count(reason);
        let way = Way::<Whole, Landing>::new(private::cloned);
        let place = private::alone(ByHand(&policy.group), way);
        Self::alone(Some(place), taken(own), subject)
    }
}

fn taken<T>(own: &mut Option<T>) -> T {
    let Some(own) = own.take() else {
        unreachable!("who joins has a request")
    };
    own
}
