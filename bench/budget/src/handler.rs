//! A handler that answers at once, and requests for it, as a browser sends them.

use std::{cell::RefCell, convert::Infallible, task::Poll};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderValue, Method, Request, Response, Uri,
    header::{
        ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, DATE, ETAG, HOST,
        USER_AGENT,
    },
};
use http_body_util::{Empty, Full};
use tower::Service;

pub(crate) type Asked = Request<Empty<Bytes>>;

/// The handler, on its own.
#[derive(Clone)]
pub(crate) struct Handler;

impl Service<Asked> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Full<Bytes>>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Asked) -> Self::Future {
        let is_private = request.uri().path() == PRIVATE;
        let cache_control = if is_private {
            "private"
        } else {
            "public, max-age=60"
        };
        let response = Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CACHE_CONTROL, cache_control)
            .header(ETAG, "\"33a64df551425fcc55e4d42a148795d9f25f89d4\"")
            .header(DATE, "Sat, 29 Oct 1994 19:43:31 GMT")
            .body(Full::from("hello"));
        std::future::ready(Ok(response.expect("it is well formed")))
    }
}

/// What it answers to this is its client's own.
pub(crate) const PRIVATE: &str = "/private";

/// As a server has it: all is in one buffer, of which there are parts.
pub(crate) fn request(method: Method, path: &str) -> Asked {
    let buffer = RefCell::new(BytesMut::new());
    let part = |text: &str| {
        let mut buffer = buffer.borrow_mut();
        buffer.reserve(1 << 10);
        buffer.extend_from_slice(text.as_bytes());
        buffer.split().freeze()
    };
    let header =
        |text: &str| HeaderValue::from_maybe_shared(part(text)).expect("it is well formed");
    let request = Request::builder()
        .method(method)
        .uri(Uri::from_maybe_shared(part(path)).expect("it is well formed"))
        .header(HOST, header("www.example.org"))
        .header(
            USER_AGENT,
            header("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        )
        .header(
            ACCEPT,
            header("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        )
        .header(ACCEPT_LANGUAGE, header("en-US,en;q=0.5"))
        .header(ACCEPT_ENCODING, header("gzip, deflate, br, zstd"))
        .header("x-forwarded-for", header("192.0.2.1"))
        .body(Empty::new());
    request.expect("it is well formed")
}
