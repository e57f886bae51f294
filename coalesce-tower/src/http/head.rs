//! The head of a shared response: the first client's own, and copies for the others.
//!
//! What is said to the first client's connection or request alone is not in the copies: headers of the connection, those
//! that the layer was told of, the extensions that were not named, and the HTTP version.

use std::sync::Arc;

use http::{
    Extensions, HeaderMap, HeaderName, Response, StatusCode,
    header::{CONNECTION, SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE},
    response::Parts,
};

#[derive(Debug)]
pub(crate) struct Head {
    status: StatusCode,
    /// The first client's, until it takes it.
    own: Option<Parts>,
    /// The others', made when it is needed.
    headers: Option<Arc<HeaderMap>>,
    extensions: Option<Arc<Extensions>>,
}

/// A head that a client has taken, to be finished outside of the fetch's lock.
#[derive(Debug)]
pub(crate) enum Taken {
    Own(Parts),
    Copy {
        status: StatusCode,
        headers: Arc<HeaderMap>,
        extensions: Option<Arc<Extensions>>,
    },
}

impl Head {
    pub(crate) fn new(own: Parts, extensions: Option<Extensions>) -> Self {
        Self {
            status: own.status,
            own: Some(own),
            headers: None,
            extensions: extensions.map(Arc::new),
        }
    }

    pub(crate) fn take(
        &mut self,
        is_first: bool,
        is_last: bool,
        own_headers: &[HeaderName],
    ) -> Taken {
        if is_first && is_last {
            if let Some(own) = self.own.take() {
                return Taken::Own(own);
            }
        }
        let own = self.own.as_ref();
        let headers = self.headers.get_or_insert_with(|| {
            let headers = own.map(|own| for_another(&own.headers, own_headers));
            Arc::new(headers.unwrap_or_default())
        });
        let headers = Arc::clone(headers);
        match self.own.take_if(|_| is_first) {
            Some(own) => Taken::Own(own),
            None => Taken::Copy {
                status: self.status,
                headers,
                extensions: self.extensions.clone(),
            },
        }
    }
}

impl Taken {
    pub(crate) fn finish(self) -> Parts {
        match self {
            Self::Own(own) => own,
            Self::Copy {
                status,
                headers,
                extensions,
            } => {
                let (mut parts, ()) = Response::new(()).into_parts();
                parts.status = status;
                parts.headers = Arc::unwrap_or_clone(headers);
                parts.extensions = extensions.map(Arc::unwrap_or_clone).unwrap_or_default();
                parts
            }
        }
    }
}

/// The headers of a response for another connection, and another request, than its own.
fn for_another(headers: &HeaderMap, own_headers: &[HeaderName]) -> HeaderMap {
    let mut headers = headers.clone();
    let named: Vec<_> = headers
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
        SET_COOKIE,
        TE,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    for name in named.iter().chain(&always).chain(own_headers) {
        headers.remove(name);
    }
    headers
}

/// The headers that are not given to others unless the layer is told so.
pub(crate) fn own_headers() -> Vec<HeaderName> {
    [
        "x-request-id",
        "x-correlation-id",
        "x-trace-id",
        "x-amzn-trace-id",
        "x-amzn-requestid",
        "x-cloud-trace-context",
        "traceparent",
        "tracestate",
        "traceresponse",
        "server-timing",
        "x-runtime",
        "x-response-time",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "ratelimit",
        "ratelimit-policy",
    ]
    .map(HeaderName::from_static)
    .into()
}
