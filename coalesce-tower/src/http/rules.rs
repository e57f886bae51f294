//! What a layer was told, and what its services remember: all that decides what is shared.

use std::{fmt, sync::Arc, time::Duration};

use http::{Extensions, HeaderMap, HeaderName, StatusCode, header::HOST, response::Parts};

use super::{
    budget::Budget,
    head::own_headers,
    key::Names,
    memory::{Memo, Memory},
    reason::Reason,
    verdict::{Verdict, judge},
};

/// What a layer was told.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// The request headers that are part of the key.
    pub(crate) names: Vec<HeaderName>,
    /// The response headers that are not given to others.
    pub(crate) own_headers: Vec<HeaderName>,
    /// The types of extensions that are.
    pub(crate) extensions: Vec<CopyExtension>,
    /// Whether responses are shared that do not say that they may be.
    pub(crate) share_unmarked: bool,
    /// How much of a body is kept, in bytes.
    pub(crate) max_body: u64,
    /// How much of all bodies.
    pub(crate) max_memory: usize,
    /// How long a fetch waits for its slowest client.
    pub(crate) patience: Duration,
    pub(crate) remember_for: Duration,
    /// Whether a fetch runs on when nobody waits for it.
    pub(crate) detach: bool,
}

/// Copies an extension, if it is there.
#[derive(Clone, Copy)]
pub(crate) struct CopyExtension(pub(crate) fn(&Extensions, &mut Extensions));

impl Default for Terms {
    fn default() -> Self {
        Self {
            names: vec![HOST],
            own_headers: own_headers(),
            extensions: Vec::new(),
            share_unmarked: false,
            max_body: 1 << 20,
            max_memory: 64 << 20,
            patience: Duration::from_secs(10),
            remember_for: Duration::from_secs(120),
            detach: false,
        }
    }
}

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

    /// Whether others may have this response; what it was like is remembered.
    pub(crate) fn judge(&self, head: &Parts, subject: &Subject) -> bool {
        let reason = self.learn(head.status, &head.headers, subject);
        if let Some(reason) = reason {
            self.count(reason);
        }
        reason.is_none()
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

    /// A response is not shared.
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

impl fmt::Debug for CopyExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyExtension")
    }
}
