//! What makes two requests the same.

use std::{
    fmt,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{Arc, LazyLock},
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{AUTHORIZATION, COOKIE, GetAll, HOST, PROXY_AUTHORIZATION},
};

use super::fetch::Fetch;

/// Headers whose values are not to be shown.
const SECRET: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// Of all layers: those with the same group find each other's keys.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

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
    hash: u64,
    is_head: bool,
    uri: Uri,
    original: Option<Box<Uri>>,
    names: Names,
    host: Option<HeaderValue>,
    /// By the index of their names.
    headers: Vec<(usize, HeaderValue)>,
    key: K,
    pub(crate) fetch: Arc<Fetch>,
}

/// A key that is still the request's.
pub(crate) struct Borrowed<'r, K> {
    hash: u64,
    is_head: bool,
    uri: &'r Uri,
    original: Option<&'r Uri>,
    /// Looked up once.
    host: GetAll<'r, HeaderValue>,
    headers: &'r HeaderMap,
    names: &'r Names,
    key: &'r K,
}

impl<'r, K> Borrowed<'r, K> {
    /// Of a request that is a `GET` or a `HEAD`.
    pub(crate) fn new<B>(request: &'r Request<B>, names: &'r Names, key: &'r K) -> Self
    where
        K: Hash,
    {
        let headers = request.headers();
        let mut new = Self {
            hash: 0,
            is_head: request.method() == Method::HEAD,
            uri: request.uri(),
            original: original(request),
            host: headers.get_all(HOST),
            headers,
            names,
            key,
        };
        new.hash = new.hashed();
        new
    }

    fn hashed(&self) -> u64
    where
        K: Hash,
    {
        let mut state = HASHER.build_hasher();
        self.is_head.hash(&mut state);
        self.uri.hash(&mut state);
        if let Some(original) = self.original {
            original.hash(&mut state);
        }
        for header in self.headers() {
            header.hash(&mut state);
        }
        self.key.hash(&mut state);
        state.finish()
    }

    /// The same with more headers: those of the names that were learnt.
    pub(crate) fn with_learnt(mut self, names: &'r Names) -> Self {
        let learnt = self.names.len();
        self.names = names;
        let headers = self.headers().filter(|(index, _)| *index >= learnt);
        let mut state = HASHER.build_hasher();
        self.hash.hash(&mut state);
        for header in headers {
            header.hash(&mut state);
        }
        self.hash = state.finish();
        self
    }

    fn headers(&self) -> impl Iterator<Item = (usize, &HeaderValue)> {
        let host = self.host.iter().map(|host| (0, host));
        let names = self.names.iter().enumerate().skip(1);
        host.chain(names.flat_map(|(index, name)| {
            let values = self.headers.get_all(name).into_iter();
            values.map(move |value| (index, value))
        }))
    }

    /// Keyed by this process.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn is(&self, key: &RequestKey<K>) -> bool
    where
        K: Eq,
    {
        self.hash == key.hash
            && *self.uri == key.uri
            && self.is_head == key.is_head
            && self.original == key.original.as_deref()
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
            hash: self.hash,
            is_head: self.is_head,
            uri: self.uri.clone(),
            original: self.original.cloned().map(Box::new),
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
    let original = request.extensions().get::<axum::extract::OriginalUri>()?;
    (original.0 != *request.uri()).then_some(&original.0)
}

#[cfg(not(feature = "axum"))]
fn original<B>(_: &Request<B>) -> Option<&Uri> {
    None
}

impl<K> RequestKey<K> {
    fn headers(&self) -> impl Iterator<Item = (usize, &HeaderValue)> {
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
