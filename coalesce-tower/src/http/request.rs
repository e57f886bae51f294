//! Which requests may share a response, as far as they say it themselves.

use http::{HeaderName, HeaderValue, Method, Request};
use http_body::Body;

use super::{cache_control::directives, reason::Reason};

/// Why a request is left alone, headers with these names being part of its key.
pub(crate) fn left_alone<B: Body>(request: &Request<B>, names: &[HeaderName]) -> Option<Reason> {
    let method = request.method();
    if method != Method::GET && method != Method::HEAD || !request.body().is_end_stream() {
        return Some(Reason::Request);
    }
    // Once through what is there, which is less than what there could be.
    request.headers().iter().find_map(|(name, value)| {
        let reason = is_its_own(name.as_str(), value)?;
        (!names.contains(name)).then_some(reason)
    })
}

/// Why a request with this header is left alone.
fn is_its_own(name: &str, value: &HeaderValue) -> Option<Reason> {
    Some(match name {
        "authorization" | "proxy-authorization" | "cookie" => Reason::Credentials,
        // About one part, or one state, of the resource; a body; another protocol.
        "range"
        | "if-range"
        | "if-match"
        | "if-none-match"
        | "if-modified-since"
        | "if-unmodified-since"
        | "transfer-encoding"
        | "upgrade" => Reason::Request,
        "content-length" if value != "0" => Reason::Request,
        "cache-control" if wants_its_own(value) => Reason::Request,
        "pragma" if !is_harmless(value) => Reason::Request,
        // Frameworks take the target, or the method, from them.
        "forwarded"
        | "front-end-https"
        | "x-rewrite-url"
        | "x-url-scheme"
        | "x-host"
        | "x-http-host-override"
        | "x-http-method"
        | "x-http-method-override"
        | "x-method-override" => Reason::Override,
        _ if name.starts_with("x-original-") => Reason::Override,
        _ if name.starts_with("x-forwarded-") && name != "x-forwarded-for" => Reason::Override,
        _ => return None,
    })
}

/// Whether the client asks for a response made for it, or for one that nobody keeps, or for what can't be read.
fn wants_its_own(cache_control: &HeaderValue) -> bool {
    directives(cache_control).any(|directive| {
        directive.map_or(true, |directive| {
            directive.is("no-cache") || directive.is("no-store")
        })
    })
}

fn is_harmless(pragma: &HeaderValue) -> bool {
    pragma
        .to_str()
        .is_ok_and(|value| !value.to_ascii_lowercase().contains("no-cache"))
}
