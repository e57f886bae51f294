//! Which requests may share a response, and what makes two of them the same.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{
        AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, COOKIE, HOST, IF_MATCH, IF_MODIFIED_SINCE,
        IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PRAGMA, PROXY_AUTHORIZATION, RANGE,
        TRANSFER_ENCODING, UPGRADE,
    },
};
use http_body::Body;

use super::response::directives;

/// Headers by which a response is about one client, or about one part or one state of the resource.
const PERSONAL: [HeaderName; 9] = [
    AUTHORIZATION,
    PROXY_AUTHORIZATION,
    COOKIE,
    RANGE,
    IF_RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
];

/// Headers that are not to be shown.
const SECRET: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// What makes two requests the same: the method, the target URI, the headers that the layer was told
/// of, and what the key function says.
///
/// RFC 9111 section 2 asks for the first two at least. `Host` is part of the target URI.
///
/// `Debug` does not show the values of `Authorization`, `Proxy-Authorization`, `Cookie`, and of those that are marked
/// as sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey<K> {
    method: Method,
    uri: Uri,
    /// By their index in the list of names, which is one for all requests of a layer.
    headers: Vec<(usize, HeaderValue)>,
    key: K,
}

impl<K> RequestKey<K> {
    pub(crate) fn new<B>(request: &Request<B>, names: &[HeaderName], key: K) -> Self {
        let values = |name| {
            let values = request.headers().get_all(name).iter().cloned();
            values.map(move |mut value| {
                value.set_sensitive(value.is_sensitive() || SECRET.contains(name));
                value
            })
        };
        let headers = [HOST].iter().chain(names).enumerate();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: headers
                .flat_map(|(index, name)| values(name).map(move |value| (index, value)))
                .collect(),
            key,
        }
    }
}

/// Whether a request may share a response, headers with these names being part of its key.
pub(crate) fn may_share<B: Body>(request: &Request<B>, names: &[HeaderName]) -> bool {
    let headers = request.headers();
    let has = |name: &HeaderName| headers.contains_key(name);
    let method = request.method();
    (method == Method::GET || method == Method::HEAD)
        && request.body().is_end_stream()
        && !has(&TRANSFER_ENCODING)
        && headers
            .get(CONTENT_LENGTH)
            .is_none_or(|length| length == "0")
        && !has(&UPGRADE)
        && !PERSONAL
            .iter()
            .any(|name| has(name) && !names.contains(name))
        && [CACHE_CONTROL, PRAGMA]
            .iter()
            .all(|name| names.contains(name) || !wants_its_own(headers, name))
}

/// Whether the client asks for a response made for it, or for one that nobody keeps.
fn wants_its_own(headers: &HeaderMap, name: &HeaderName) -> bool {
    let unreadable = headers
        .get_all(name)
        .iter()
        .any(|value| value.to_str().is_err());
    unreadable
        || directives(headers, name).any(|(name, _)| {
            ["no-cache", "no-store"]
                .iter()
                .any(|it| name.eq_ignore_ascii_case(it))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever lists the flights of a layer's group gets its keys.
    #[test]
    fn secrets_are_not_shown() {
        let request = Request::builder()
            .header(AUTHORIZATION, "Bearer secret")
            .header(COOKIE, "session=secret")
            .header("accept-language", "pt")
            .body(())
            .unwrap();
        let names = [AUTHORIZATION, COOKIE, "accept-language".parse().unwrap()];
        let key = RequestKey::new(&request, &names, ());
        let shown = format!("{key:?}");
        assert!(shown.contains("pt") && !shown.contains("secret"), "{shown}");
        assert_eq!(key, RequestKey::new(&request, &names, ()));
    }
}
