//! What a layer was told (`terms`), and what its services remember: all that decides what is shared.

use std::sync::Arc;

use http::{Extensions, HeaderMap, StatusCode, response::Parts};

use super::{
    budget::Budget,
    key::Names,
    memory::{Memo, Memory},
    reason::Reason,
    terms::{CopyExtension, Terms},
    verdict::{Verdict, judge},
};

/// What the fetches of a service have in common.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) terms: Terms,
    pub(crate) budget: Budget,
    names: Names,
    memory: Memory,
    /// The group's name, for those who watch.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    name: Arc<str>,
}

/// Whose response it is that is judged.
#[derive(Debug)]
pub(crate) struct Subject {
    /// What it is remembered by.
    pub(crate) hash: u64,
    /// The headers that are in its key.
    pub(crate) names: Names,
    #[cfg(feature = "tracing")]
    pub(crate) uri: http::Uri,
}

impl Rules {
    pub(crate) fn new(terms: Terms, name: &str) -> Self {
        let _ = name;
        Self {
            budget: Budget::new(terms.max_memory),
            names: terms.names.as_slice().into(),
            memory: Memory::new(terms.remember_for),
            #[cfg(any(feature = "metrics", feature = "tracing"))]
            name: name.into(),
            terms,
        }
    }

    /// The names that are in every key.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// What is remembered of the responses of a key with this hash, and whether it is to be looked at again.
    pub(crate) fn recall(&self, hash: u64) -> Option<(Memo, bool)> {
        self.memory.recall(hash)
    }

    /// The same of a response of which others wait for a share; its own request is counted.
    pub(crate) fn judge(&self, head: &Parts, subject: &Subject) -> Option<Reason> {
        let reason = self.learn(head.status, &head.headers, subject);
        if let Some(reason) = reason {
            self.count(reason);
        }
        reason
    }

    /// Why others may not have a response, where they may not; what it was like is remembered.
    pub(crate) fn learn(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        subject: &Subject,
    ) -> Option<Reason> {
        let verdict = judge(status, headers, &subject.names, self.terms.share_unmarked);
        let (reason, memo) = match verdict {
            Verdict::Share => {
                if subject.names.len() > self.names.len() {
                    // What was learnt is still so.
                    let memo = Memo::Names(Arc::clone(&subject.names));
                    self.memory.remember(subject.hash, &memo);
                }
                return None;
            }
            Verdict::Own(reason) => (reason, Memo::Own),
            Verdict::Learn(missing) => {
                let names = subject.names.iter().cloned().chain(missing);
                (Reason::VaryLearnt, Memo::Names(names.collect()))
            }
        };
        let is_news = reason.lasts() && self.memory.remember(subject.hash, &memo);
        #[cfg(feature = "tracing")]
        if is_news || !reason.lasts() {
            reason.say(&self.name, subject.uri.path());
        }
        let _ = is_news;
        Some(reason)
    }

    /// A request is not shared.
    pub(crate) fn count(&self, reason: Reason) {
        #[cfg(feature = "metrics")]
        reason.count(&self.name);
        let _ = reason;
    }

    /// The extensions that others may have; this is code of the user's.
    pub(crate) fn extensions(&self, head: &Parts) -> Option<Extensions> {
        let copies = &self.terms.extensions;
        (!copies.is_empty()).then(|| {
            let mut extensions = Extensions::new();
            for CopyExtension(copy) in copies {
                copy(&head.extensions, &mut extensions);
            }
            extensions
        })
    }
}
