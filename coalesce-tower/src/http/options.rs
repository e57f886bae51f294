//! What a layer may be told, besides whose fetches it has and what tells requests apart.

use std::{sync::Arc, time::Duration};

use http::{HeaderName, Request};

use super::{
    layer::HttpCoalesceLayer,
    terms::{CopyExtension, Terms},
};

impl<B, K, G> HttpCoalesceLayer<B, K, G> {
    /// Takes this header of the request into the key.
    ///
    /// Requests that were left alone because of it are then shared by those that send the same, and so
    /// are responses that vary by it.
    ///
    /// ```
    /// use axum::{body::Body, http::header::AUTHORIZATION};
    /// use coalesced::tower::HttpCoalesceLayer;
    ///
    /// // A user's own requests are shared with each other.
    /// let layer = HttpCoalesceLayer::<Body>::new().key_header(AUTHORIZATION).key_header("x-tenant");
    /// # drop(layer);
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no name of a header.
    #[must_use]
    pub fn key_header(self, name: impl TryInto<HeaderName>) -> Self {
        let name = header(name);
        self.told(|terms| {
            if !terms.names.contains(&name) {
                terms.names.push(name);
            }
        })
    }

    /// Leaves requests alone of which this is true: each runs by itself, as without the layer.
    #[must_use]
    pub fn bypass<F>(mut self, bypass: F) -> Self
    where
        F: Fn(&Request<B>) -> bool + Send + Sync + 'static,
    {
        self.bypass = Some(Arc::new(bypass));
        self.told(|_| {})
    }

    /// Shares responses that do not say that they may be, as if they said `Cache-Control: public`.
    ///
    /// Only for routes whose responses are the same for everybody with the same key. What forbids to be shared is not
    /// shared all the same.
    #[must_use]
    pub fn share_unmarked(self) -> Self {
        self.told(|terms| terms.share_unmarked = true)
    }

    /// Gives extensions of this type to all who share a response; without it they are its first client's alone.
    #[must_use]
    pub fn share_extension<T: Clone + Send + Sync + 'static>(self) -> Self {
        self.told(|terms| {
            terms.extensions.push(CopyExtension(|from, to| {
                if let Some(extension) = from.get::<T>() {
                    to.insert(extension.clone());
                }
            }));
        })
    }

    /// The response headers that are the first client's alone, instead of those that are so by default: ids of
    /// requests and traces (`x-request-id`, `traceparent`, ..), timings, and rate limits. Headers of the connection
    /// are never shared.
    ///
    /// # Panics
    ///
    /// If one is no name of a header.
    #[must_use]
    pub fn own_headers<N: TryInto<HeaderName>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(header).collect();
        self.told(|terms| terms.own_headers = names)
    }

    /// How much of a body is kept, in bytes; 1 MiB by default. While all of it is kept, newcomers may join; from
    /// there on the fetch waits for its slowest client.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.told(|terms| terms.max_body = bytes as u64)
    }

    /// How much of all bodies is kept, in bytes; 64 MiB by default. When it is spent, requests pass by, as without the
    /// layer, and fetches keep no more than the frame that their clients have not had yet.
    #[must_use]
    pub fn max_memory(self, bytes: usize) -> Self {
        self.told(|terms| terms.max_memory = bytes)
    }

    /// How long a fetch that can keep no more waits for its slowest client; 10 seconds by default. That client's body
    /// then ends in an error, which [says so](super::BodyError::is_too_slow).
    ///
    /// While others have read all there is, and wait for more, a client has this long from when something came to read
    /// it. If nobody waits for it, a client has this long to read anything.
    #[must_use]
    pub fn max_lag(self, lag: Duration) -> Self {
        self.told(|terms| terms.patience = lag)
    }

    /// How long it is remembered what a key's responses were like: that they are not shared, so that those who ask for it
    /// do not wait for each other, or what they vary by. 2 minutes by default, and longer if the key is still asked for
    /// in the second half of that time and its responses are still so.
    #[must_use]
    pub fn remember_for(self, remember_for: Duration) -> Self {
        self.told(|terms| terms.remember_for = remember_for)
    }

    /// Lets a fetch run to its end even if all its clients have left, as when it fills a cache. Requests that are
    /// left alone end with their clients all the same.
    #[must_use]
    pub fn detach(self) -> Self {
        self.told(|terms| terms.detach = true)
    }

    /// A layer that is to differ from its clones shares nothing but the group with them.
    fn told(mut self, tell: impl FnOnce(&mut Terms)) -> Self {
        tell(&mut self.terms);
        self.policy = self.policy.map(|_| Arc::default());
        self
    }
}

fn header(name: impl TryInto<HeaderName>) -> HeaderName {
    let Ok(name) = name.try_into() else {
        panic!("this is no name of a header")
    };
    name
}
