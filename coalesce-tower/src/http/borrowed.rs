//! A key that is still its request's: looked up so, and made when a fetch is opened.

use std::{
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{Arc, LazyLock},
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{AUTHORIZATION, COOKIE, GetAll, HOST, PROXY_AUTHORIZATION},
};

use super::{
    fetch::Fetch,
    key::{Names, RequestKey},
};

/// Headers whose values are not to be shown.
const SECRET: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// Of all layers: those with the same group find each other's keys.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What a [`RequestKey`] is made of.
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
        // No URI begins with it.
        if self.is_head {
            state.write_u8(0);
        }
        hash_uri(self.uri, &mut state);
        if let Some(original) = self.original {
            hash_uri(original, &mut state);
        }
        for header in self.headers() {
            hash_header(header, &mut state);
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
            hash_header(header, &mut state);
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

/// Its index and its length in one: what is given to the hasher costs by the piece.
fn hash_header((index, value): (usize, &HeaderValue), state: &mut impl Hasher) {
    state.write_u64((index as u64) << 32 | value.len() as u64);
    state.write(value.as_bytes());
}

/// As `Uri` does; but that gives the hasher an authority, which HTTP/2 has in each, byte by byte.
fn hash_uri(uri: &Uri, state: &mut impl Hasher) {
    let Some(authority) = uri.authority() else {
        return uri.hash(state);
    };
    let authority = authority.as_str().as_bytes();
    state.write_usize(authority.len());
    for part in authority.chunks(64) {
        let mut lower = [0; 64];
        let lower = &mut lower[..part.len()];
        lower.copy_from_slice(part);
        lower.make_ascii_lowercase();
        state.write(lower);
    }
    uri.path().hash(state);
    uri.query().hash(state);
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
