//! Which responses may be given to others than the one who asked, after RFC 9110 and RFC 9111.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{ACCEPT_ENCODING, AGE, DATE, EXPIRES, ORIGIN, VARY},
};

use super::{cache_control::seconds, marks::Marks, reason::Reason};

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
pub(crate) fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    names: &[HeaderName],
    share_unmarked: bool,
) -> Verdict {
    let marks = Marks::of(headers);
    match refuse(status, headers, &marks, share_unmarked) {
        Some(reason) => Verdict::Own(reason),
        None => vary(headers, &marks, names),
    }
}

fn refuse(
    status: StatusCode,
    headers: &HeaderMap,
    marks: &Marks,
    share_unmarked: bool,
) -> Option<Reason> {
    if !is_shareable(status) {
        let is_about_the_client = status.as_u16() >= 400;
        return Some(if is_about_the_client {
            Reason::Refusal
        } else {
            Reason::Status
        });
    }
    if marks.sets_cookie {
        return Some(Reason::SetCookie);
    }
    if marks.is_endless {
        return Some(Reason::Endless);
    }
    let own = &marks.cache_control;
    if own.refusal.is_some() {
        return own.refusal;
    }
    if let Err(reason) = is_fresh(headers, marks) {
        return Some(reason);
    }
    for other in [&marks.cdn_cache_control, &marks.surrogate_control] {
        if other.refusal.is_some() {
            return other.refusal;
        }
        if other.max_age == Some(0) || other.s_maxage == Some(0) {
            return Some(Reason::Stale);
        }
    }
    let is_marked = own.is_public || own.s_maxage.is_some();
    (!is_marked && !share_unmarked).then_some(Reason::Unmarked)
}

/// The statuses that RFC 9110 section 15.1 calls heuristically cacheable, without partial content.
fn is_shareable(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

/// Whether it is not out of date at once, as far as it says so.
fn is_fresh(headers: &HeaderMap, marks: &Marks) -> Result<(), Reason> {
    let own = &marks.cache_control;
    let lifetime = match own.s_maxage.or(own.max_age) {
        None if marks.has_expires => expires(headers)?,
        lifetime => lifetime,
    };
    let mut age = 0;
    if marks.has_age {
        for value in headers.get_all(AGE) {
            age = age.max(seconds(value.as_bytes()).ok_or(Reason::Malformed)?);
        }
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
fn vary(headers: &HeaderMap, marks: &Marks, names: &[HeaderName]) -> Verdict {
    if !marks.has_vary && !marks.is_encoded && !marks.has_origin {
        return Verdict::Share;
    }
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
    // Not all who encode, or look at the origin, say so.
    if marks.is_encoded {
        needs(ACCEPT_ENCODING);
    }
    if marks.has_origin {
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
