//! What makes two requests the same.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION},
};

use super::fetch::Fetch;

/// Headers whose values are not to be shown.
const SECRET: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

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
    method: Method,
    uri: Uri,
    original: Option<Uri>,
    names: Names,
    host: Option<HeaderValue>,
    /// By the index of their names.
    headers: Vec<(usize, HeaderValue)>,
    key: K,
    pub(crate) fetch: Arc<Fetch>,
}

/// A key that is still the request's.
pub(crate) struct Borrowed<'r, K> {
    method: &'r Method,
    uri: &'r Uri,
    original: Option<&'r Uri>,
    headers: &'r HeaderMap,
    names: &'r Names,
    key: &'r K,
}

impl<'r, K> Borrowed<'r, K> {
    pub(crate) fn new<B>(request: &'r Request<B>, names: &'r Names, key: &'r K) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            original: original(request),
            headers: request.headers(),
            names,
            key,
        }
    }

    fn headers(&self) -> impl Iterator<Item = (usize, &HeaderValue)> {
        let names = self.names.iter().enumerate();
        names.flat_map(|(index, name)| {
            let values = self.headers.get_all(name).into_iter();
            values.map(move |value| (index, value))
        })
    }

    /// What the responses of this key are remembered by.
    pub(crate) fn hash(&self, state: &mut impl Hasher)
    where
        K: Hash,
    {
        hash(
            state,
            (self.method, self.uri, self.original),
            self.headers(),
            self.key,
        );
    }

    pub(crate) fn is(&self, key: &RequestKey<K>) -> bool
    where
        K: Eq,
    {
        *self.uri == key.uri
            && *self.method == key.method
            && self.original == key.original.as_ref()
            && *self.names == key.names
            && self.headers().eq(key.headers())
            && *self.key == key.key
    }

    pub(crate) fn to_key(&self, fetch: Arc<Fetch>) -> RequestKey<K>
    where
        K: Clone,
    {
        let mut values = self.headers().map(|(index, value)| {
            let mut value = value.clone();
            let secret = value.is_sensitive() || SECRET.contains(&self.names[index]);
            value.set_sensitive(secret);
            (index, value)
        });
        let mut headers = Vec::new();
        let host = match values.next() {
            Some((0, host)) => Some(host),
            other => {
                headers.extend(other);
                None
            }
        };
        headers.extend(values);
        RequestKey {
            method: self.method.clone(),
            uri: self.uri.clone(),
            original: self.original.cloned(),
            names: Arc::clone(self.names),
            host,
            headers,
            key: self.key.clone(),
            fetch,
        }
    }
}

/// The URI as the client sent it, where a router has taken a prefix away.
#[cfg(feature = "axum")]
fn original<B>(request: &Request<B>) -> Option<&Uri> {
    let original = request.extensions().get::<axum::extract::OriginalUri>();
    original.map(|original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn original<B>(_: &Request<B>) -> Option<&Uri> {
    None
}

fn hash<'k, K: Hash>(
    state: &mut impl Hasher,
    target: (&Method, &Uri, Option<&Uri>),
    headers: impl Iterator<Item = (usize, &'k HeaderValue)>,
    key: &K,
) {
    Hash::hash(&target, state);
    for header in headers {
        Hash::hash(&header, state);
    }
    Hash::hash(key, state);
}

impl<K> RequestKey<K> {
    fn headers(&self) -> impl Iterator<Item = (usize, &HeaderValue)> {
        let host = self.host.iter().map(|host| (0, host));
        host.chain(self.headers.iter().map(|(index, value)| (*index, value)))
    }
}

impl<K: PartialEq> PartialEq for RequestKey<K> {
    fn eq(&self, other: &Self) -> bool {
        self.method == other.method
            && self.uri == other.uri
            && self.original == other.original
            && self.names == other.names
            && self.headers().eq(other.headers())
            && self.key == other.key
    }
}

impl<K: Eq> Eq for RequestKey<K> {}

impl<K: Hash> Hash for RequestKey<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let target = (&self.method, &self.uri, self.original.as_ref());
        hash(state, target, self.headers(), &self.key);
    }
}

impl<K: Clone> Clone for RequestKey<K> {
    fn clone(&self) -> Self {
        Self {
            method: self.method.clone(),
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
        f.debug_struct("RequestKey")
            .field("method", &self.method)
            .field("uri", self.original.as_ref().unwrap_or(&self.uri))
            .field("headers", &headers)
            .field("key", &self.key)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        lookup::{Lookup, Met},
        rules::{Rules, Terms},
    };
    use coalesce_runtime::Key as _;

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
            hash(&|state| lookup.key.hash(state)),
            hash(&|state| Hash::hash(&key, state)),
        ];
        assert_eq!(hashes[0], hashes[1], "it is forgotten by this");
        // It may have a header that is not in this key, which was made before the header was learnt.
        let names: Names = [&rules.names()[..], &["x-learnt".parse().unwrap()]]
            .concat()
            .into();
        assert!(!Borrowed::new(&request, &names, &()).is(&key));
        key.fetch.close();
        assert!(!lookup.matches(&key), "nobody joins what is closed");
    }
}
