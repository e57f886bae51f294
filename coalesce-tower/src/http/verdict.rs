//! Which responses may be given to others than the one who asked, after RFC 9110 and RFC 9111.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{
        ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, AGE, CACHE_CONTROL, CONTENT_ENCODING,
        CONTENT_TYPE, DATE, EXPIRES, ORIGIN, SET_COOKIE, VARY,
    },
    response::Parts,
};

use super::{
    cache_control::{Directive, directives, seconds},
    reason::Reason,
};

/// What is to be done with a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Share,
    /// It is its own client's.
    Own(Reason),
    /// The same; if the next ones have these headers in the key, too, they may be shared.
    Learn(Vec<HeaderName>),
}

/// No more headers than these are learnt.
const LEARNT: usize = 8;

/// Of a response with this head, to a request with these headers in its key.
pub(crate) fn judge(head: &Parts, names: &[HeaderName], share_unmarked: bool) -> Verdict {
    match refuse(head, share_unmarked) {
        Some(reason) => Verdict::Own(reason),
        None => vary(&head.headers, names),
    }
}

fn refuse(head: &Parts, share_unmarked: bool) -> Option<Reason> {
    let headers = &head.headers;
    if !is_shareable(head.status) {
        let is_about_the_client = head.status.as_u16() >= 400;
        return Some(if is_about_the_client {
            Reason::Refusal
        } else {
            Reason::Status
        });
    }
    if headers.contains_key(SET_COOKIE) {
        return Some(Reason::SetCookie);
    }
    if is_endless(headers) {
        return Some(Reason::Endless);
    }
    let is_marked = match marks(headers) {
        Ok(is_marked) => is_marked,
        Err(reason) => return Some(reason),
    };
    (!is_marked && !share_unmarked).then_some(Reason::Unmarked)
}

/// The statuses that RFC 9110 section 15.1 calls heuristically cacheable, without partial content.
fn is_shareable(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

/// Whether the body is one of events, which each client is to have from when it came.
fn is_endless(headers: &HeaderMap) -> bool {
    let starts = |name: &HeaderName, prefix: &str| {
        headers.get(name).is_some_and(|value| {
            let start = value.as_bytes().get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        })
    };
    starts(&CONTENT_TYPE, "text/event-stream")
        || starts(&CONTENT_TYPE, "multipart/x-mixed-replace")
        || starts(&HeaderName::from_static("x-accel-buffering"), "no")
}

/// Whether the response says that anybody may have it, or why nobody else may.
fn marks(headers: &HeaderMap) -> Result<bool, Reason> {
    let (mut is_public, mut max_age, mut s_maxage) = (false, None, None);
    for directive in directives(headers, &CACHE_CONTROL) {
        let directive = directive.map_err(|_| Reason::Malformed)?;
        forbids(&directive)?;
        if directive.is("public") {
            is_public |= directive.value.is_none();
        } else if directive.is("max-age") {
            lower(&mut max_age, &directive)?;
        } else if directive.is("s-maxage") {
            lower(&mut s_maxage, &directive)?;
        }
    }
    is_fresh(headers, s_maxage.or(max_age))?;
    for other in ["cdn-cache-control", "surrogate-control"] {
        let mut lifetime = None;
        for directive in directives(headers, &HeaderName::from_static(other)) {
            let directive = directive.map_err(|_| Reason::Malformed)?;
            forbids(&directive)?;
            if directive.is("max-age") || directive.is("s-maxage") {
                lower(&mut lifetime, &directive)?;
            }
        }
        if lifetime == Some(0) {
            return Err(Reason::Stale);
        }
    }
    Ok(is_public || s_maxage.is_some())
}

/// Also where a directive names fields: those can't be taken out of what is shared.
fn forbids(directive: &Directive<'_>) -> Result<(), Reason> {
    let forbidding = ["private", "no-store", "no-cache"];
    if forbidding.iter().any(|name| directive.is(name)) {
        return Err(Reason::Forbidden);
    }
    Ok(())
}

/// The shortest of several.
fn lower(lifetime: &mut Option<u64>, directive: &Directive<'_>) -> Result<(), Reason> {
    let seconds = directive.seconds().ok_or(Reason::Malformed)?;
    *lifetime = Some(lifetime.map_or(seconds, |shortest| seconds.min(shortest)));
    Ok(())
}

/// Whether it is not out of date at once, as far as it says so.
fn is_fresh(headers: &HeaderMap, lifetime: Option<u64>) -> Result<(), Reason> {
    let lifetime = match lifetime {
        Some(seconds) => Some(seconds),
        None => expires(headers)?,
    };
    let mut age = 0;
    for value in headers.get_all(AGE) {
        age = age.max(seconds(value.as_bytes()).ok_or(Reason::Malformed)?);
    }
    match lifetime {
        Some(lifetime) if lifetime <= age => Err(Reason::Stale),
        _ => Ok(()),
    }
}

/// How long it is fresh, as `Expires` says; what is no date is in the past.
fn expires(headers: &HeaderMap) -> Result<Option<u64>, Reason> {
    let date = |value: &http::HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
    let mut lifetime = None;
    for value in headers.get_all(EXPIRES) {
        let expires = date(value).ok_or(Reason::Stale)?;
        let now = headers.get(DATE).and_then(date);
        let now = now.unwrap_or_else(SystemTime::now);
        let rest = expires.duration_since(now).unwrap_or(Duration::ZERO);
        let rest = rest.as_secs();
        lifetime = Some(lifetime.map_or(rest, |shortest: u64| rest.min(shortest)));
    }
    Ok(lifetime)
}

/// Whether all that the response varies by is part of the key.
fn vary(headers: &HeaderMap, names: &[HeaderName]) -> Verdict {
    let mut missing = Vec::new();
    let mut needs = |name: HeaderName| {
        if !names.contains(&name) && !missing.contains(&name) {
            missing.push(name);
        }
    };
    for value in headers.get_all(VARY) {
        for name in value.as_bytes().split(|byte| *byte == b',') {
            let name = name.trim_ascii();
            if name.is_empty() {
                continue;
            }
            match HeaderName::from_bytes(name) {
                Ok(name) if name != "*" => needs(name),
                _ => return Verdict::Own(Reason::Vary),
            }
        }
    }
    let is_encoded = |value: &http::HeaderValue| {
        !value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    };
    // Not all who encode, or look at the origin, say so.
    if headers.get_all(CONTENT_ENCODING).iter().any(is_encoded) {
        needs(ACCEPT_ENCODING);
    }
    let origins = headers.get_all(ACCESS_CONTROL_ALLOW_ORIGIN);
    if origins.iter().any(|origin| origin != "*") {
        needs(ORIGIN);
    }
    if missing.is_empty() {
        Verdict::Share
    } else if missing.len() <= LEARNT {
        Verdict::Learn(missing)
    } else {
        Verdict::Own(Reason::Vary)
    }
}
