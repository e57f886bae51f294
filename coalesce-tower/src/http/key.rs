//! What makes two requests the same.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use http::{HeaderName, HeaderValue, Method, Uri};

use super::fetch::Fetch;

/// The names of the headers that are part of a key; `Host`, which is part of the target, is the first.
pub(crate) type Names = Arc<[HeaderName]>;

/// What makes two requests the same: the method, the target URI, the headers that the layer was told
/// of or has learnt, and what the key function says.
///
/// RFC 9111 section 2 asks for the first two at least. `Host` is part of the target.
///
/// `Debug` does not show the values of `Authorization`, `Proxy-Authorization`, `Cookie`, and of those that are marked
/// as sensitive.
pub struct RequestKey<K = ()> {
    /// Of all below, with a key of this process's.
    pub(super) hash: u64,
    pub(super) is_head: bool,
    pub(super) uri: Uri,
    pub(super) original: Option<Box<Uri>>,
    pub(super) names: Names,
    pub(super) host: Option<HeaderValue>,
    /// By the index of their names.
    pub(super) headers: Vec<(usize, HeaderValue)>,
    pub(super) key: K,
    pub(crate) fetch: Arc<Fetch>,
}

impl<K> RequestKey<K> {
    pub(super) fn headers(&self) -> impl Iterator<Item = (usize, &HeaderValue)> {
        let host = self.host.iter().map(|host| (0, host));
        host.chain(self.headers.iter().map(|(index, value)| (*index, value)))
    }
}

impl<K: PartialEq> PartialEq for RequestKey<K> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.uri == other.uri
            && self.is_head == other.is_head
            && self.original == other.original
            && self.names == other.names
            && self.headers().eq(other.headers())
            && self.key == other.key
    }
}

impl<K: Eq> Eq for RequestKey<K> {}

impl<K> Hash for RequestKey<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Clone> Clone for RequestKey<K> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            is_head: self.is_head,
            uri: self.uri.clone(),
            original: self.original.clone(),
            names: Arc::clone(&self.names),
            host: self.host.clone(),
            headers: self.headers.clone(),
            key: self.key.clone(),
            fetch: Arc::clone(&self.fetch),
        }
    }
}

impl<K: fmt::Debug> fmt::Debug for RequestKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self
            .headers()
            .map(|(index, value)| (&self.names[index], value))
            .collect();
        let method = if self.is_head {
            Method::HEAD
        } else {
            Method::GET
        };
        f.debug_struct("RequestKey")
            .field("method", &method)
            .field("uri", self.original.as_ref().map_or(&self.uri, |it| it))
            .field("headers", &headers)
            .field("key", &self.key)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        borrowed::Borrowed,
        lookup::{Lookup, Met},
        rules::Rules,
        terms::Terms,
    };
    use coalesce_runtime::Key as _;
    use http::{
        Request,
        header::{AUTHORIZATION, COOKIE},
    };

    /// Whoever lists the flights of a layer's group gets its keys.
    #[test]
    fn secrets_are_not_shown_and_a_key_is_found_by_its_request() {
        let request = Request::builder()
            .header("host", "example.org")
            .header(AUTHORIZATION, "Bearer secret")
            .header(COOKIE, "session=secret")
            .header("accept-language", "pt")
            .body(())
            .unwrap();
        let mut terms = Terms::default();
        let names = [AUTHORIZATION, COOKIE, "accept-language".parse().unwrap()];
        terms.names.extend(names);
        let rules = Arc::new(Rules::new(terms, "test"));
        let lookup = Lookup {
            key: Borrowed::new(&request, rules.names(), &()),
            rules: &rules,
            met: &Met::default(),
        };
        let key = lookup.to_key();
        let shown = format!("{key:?}");
        assert!(shown.contains("pt") && !shown.contains("secret"), "{shown}");
        assert!(lookup.matches(&key));
        let hash = |feed: &dyn Fn(&mut std::hash::DefaultHasher)| {
            let mut state = std::hash::DefaultHasher::new();
            feed(&mut state);
            state.finish()
        };
        let hashes = [
            hash(&|state| lookup.hash(state)),
            hash(&|state| Hash::hash(&key, state)),
        ];
        assert_eq!(hashes[0], hashes[1], "it is forgotten by this");
        // It may have a header that is not in this key, which was made before the header was learnt.
        let names: Names = [&rules.names()[..], &["x-learnt".parse().unwrap()]]
            .concat()
            .into();
        let learnt = Borrowed::new(&request, rules.names(), &()).with_learnt(&names);
        assert!(!learnt.is(&key) && learnt.to_key(Arc::clone(&key.fetch)) != key);
        key.fetch.close();
        assert!(!lookup.matches(&key), "nobody joins what is closed");
    }
}
