//! Which responses may be given to others than the one who asked, after RFC 9110 and RFC 9111.

use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{
        CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST, SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE,
        VARY,
    },
    response::Parts,
};

/// What a layer was told about responses.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// Request headers that are part of the key.
    pub(crate) names: Vec<HeaderName>,
    /// Whether responses are shared that do not say that they may be.
    pub(crate) share_unmarked: bool,
    /// The largest body that is shared.
    pub(crate) max_body: usize,
}

impl Terms {
    /// Whether the response with this head may be given to others whose requests have the same key.
    pub(crate) fn may_give(&self, head: &Parts) -> bool {
        let headers = &head.headers;
        if head.status.is_informational()
            || headers.contains_key(SET_COOKIE)
            || streams(headers)
            || !self.covers_vary(headers)
        {
            return false;
        }
        match CacheControl::read(headers) {
            CacheControl::Forbids => false,
            CacheControl::Permits => true,
            CacheControl::IsSilent => self.share_unmarked && !is_about_the_client(head.status),
        }
    }

    /// Whether all that the response varies by is part of the key.
    fn covers_vary(&self, headers: &HeaderMap) -> bool {
        let is_in_key = |name: &str| {
            let mut names = self.names.iter().chain([&HOST]);
            names.any(|known| name.eq_ignore_ascii_case(known.as_str()))
        };
        headers.get_all(VARY).iter().all(|value| {
            value.to_str().is_ok_and(|names| {
                let mut names = names.split(',').map(str::trim);
                names.all(|name| name.is_empty() || is_in_key(name))
            })
        })
    }
}

/// Who may have a response, as its `Cache-Control` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CacheControl {
    Forbids,
    IsSilent,
    Permits,
}

impl CacheControl {
    fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(CACHE_CONTROL).iter();
        if values.any(|value| value.to_str().is_err()) {
            return Self::Forbids;
        }
        let mut verdict = Self::IsSilent;
        let (mut expires, mut revalidates) = (false, false);
        for (name, value) in directives(headers, &CACHE_CONTROL) {
            let is = |directive: &str| name.eq_ignore_ascii_case(directive);
            let seconds = || value.trim_matches('"').parse::<u64>().unwrap_or(0);
            // Also where they name fields: those can't be taken out of what is shared.
            if is("private") || is("no-store") || is("no-cache") {
                return Self::Forbids;
            } else if is("s-maxage") {
                if seconds() == 0 {
                    return Self::Forbids;
                }
                verdict = Self::Permits;
            } else if is("public") {
                verdict = Self::Permits;
            } else if is("max-age") {
                expires |= seconds() == 0;
            } else if is("must-revalidate") || is("proxy-revalidate") {
                revalidates = true;
            }
        }
        // It is stale at once, and then not to be given to anybody.
        if expires && revalidates {
            return Self::Forbids;
        }
        verdict
    }
}

/// The directives of a header such as `Cache-Control`, with what follows their `=`.
pub(crate) fn directives<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = (&'h str, &'h str)> {
    let values = headers.get_all(name).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| {
        let mut quoted = false;
        // Commas inside of quotes separate nothing.
        let parts = value.split(move |char| {
            quoted ^= char == '"';
            char == ',' && !quoted
        });
        parts.map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            (name.trim(), value.trim())
        })
    })
}

/// Whether what the status says is said to one client, or of one connection: who it is, how often it asked.
fn is_about_the_client(status: StatusCode) -> bool {
    [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::MISDIRECTED_REQUEST,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ]
    .contains(&status)
}

/// Whether the body has no end to wait for, or is not to be held back.
fn streams(headers: &HeaderMap) -> bool {
    let starts = |name: &HeaderName, prefix: &str| {
        headers.get(name).is_some_and(|value| {
            let value = value.as_bytes();
            value.len() >= prefix.len()
                && value[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
        })
    };
    starts(&CONTENT_TYPE, "text/event-stream")
        || starts(&CONTENT_TYPE, "multipart/x-mixed-replace")
        || starts(&HeaderName::from_static("x-accel-buffering"), "no")
}

/// The head of a response for another connection than its own.
pub(crate) fn for_another(head: &Parts) -> Parts {
    let mut head = head.clone();
    let named: Vec<_> = head
        .headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .collect();
    let always = [
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        TE,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    for name in named.iter().chain(&always) {
        head.headers.remove(name);
    }
    head
}
