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
    future::{Asked, Before, Own, Place, Stage, Waiting},
    lookup::{Lookup, Met},
    memory::Memo,
    reason::Reason,
    rules::Subject,
    task::{Fetching, Landing, Task},
};

impl<B: Send + 'static, K: Hash + Eq + Clone + Send + Sync + 'static> Asked<B, K> {
    /// Joins the fetch of this key, or opens one, or goes alone; what is its own is taken for the second. Who
    /// followed before has its place of then, so that it is no other call.
    pub(super) fn join<S, D>(
        &self,
        own: Own<'_, S, B>,
        before: Option<Before<S, B, D, K>>,
    ) -> Stage<S, B, D, K>
    where
        S: Service<Request<B>, Response = Response<D>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Send + 'static,
        D: Body + Send + 'static,
        D::Error: Into<BoxError>,
    {
        let Self { key, policy } = self;
        let again = before.is_some();
        let rules = &policy.rules;
        let request = own.request();
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
                return self.go_alone(Reason::Remembered, before, subject);
            }
            Some((Memo::Names(learnt), _)) => learnt,
            None => Arc::clone(rules.names()),
        };
        if names.len() > rules.names().len() {
            asked = asked.with_learnt(&names);
        }
        if rules.budget.is_spent() {
            return self.go_alone(Reason::Budget, before, None);
        }
        let met = Met::default();
        let lookup = Lookup {
            key: asked,
            rules,
            met: &met,
        };
        let place: Place<S, B, D, K> = match before {
            Some((place, outcome)) => place.join_again(&lookup, outcome),
            None => {
                let way = Way::<Whole, Landing>::new(private::cloned);
                private::join_untimed(ByHand(&policy.group), lookup, way)
            }
        };
        match place.role() {
            Role::Leader => {
                let Some(fetch) = met.made() else {
                    unreachable!("who opens a flight has made its key")
                };
                let client = Client::first(fetch);
                let fetch = client.fetch();
                let subject = subject(names, request);
                let fetching = Fetching::new(Arc::clone(fetch), subject, own.moved());
                let task = Task::new(Arc::clone(fetch), private::run(place, fetching));
                let Ok(runtime) = Handle::try_current() else {
                    panic!("an HTTP request is shared on a Tokio runtime, and there is none here")
                };
                fetch.started(runtime.spawn(task).abort_handle());
                Stage::Waiting(Waiting {
                    place: None,
                    client,
                    again,
                    patience: None,
                })
            }
            Role::Follower => {
                let Some(client) = met.client() else {
                    unreachable!("who follows a flight has entered its fetch")
                };
                let max_wait = private::max_wait(policy.group.config()).filter(|_| !again);
                Stage::Waiting(Waiting {
                    place: Some(place),
                    client,
                    again,
                    patience: max_wait.map(|wait| Box::pin(sleep(wait))),
                })
            }
            _ => {
                rules.count(Reason::Limits);
                Stage::Alone {
                    place: Some(place),
                    subject: None,
                }
            }
        }
    }

    /// Runs its own, for this reason: from its start, or after it has followed.
    pub(super) fn go_alone<S, D>(
        &self,
        reason: Reason,
        before: Option<Before<S, B, D, K>>,
        subject: Option<Subject>,
    ) -> Stage<S, B, D, K>
    where
        S: Service<Request<B>>,
    {
        self.policy.rules.count(reason);
        let place = match before {
            Some((place, outcome)) => place.alone_after_all(outcome),
            None => {
                let way = Way::<Whole, Landing>::new(private::cloned);
                private::alone(ByHand(&self.policy.group), way)
            }
        };
        Stage::Alone {
            place: Some(place),
            subject,
        }
    }
}
