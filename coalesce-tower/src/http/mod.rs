//! Coalescing for HTTP: [`HttpCoalesceLayer`], the service that it makes, the future of a request and the
//! body of its response.
//!
//! # Which requests
//!
//! `GET` and `HEAD` without a body. Left alone, each to run by itself, are requests with `Authorization` or `Cookie`;
//! with `Range` or a condition (`If-None-Match` and the like); with `Upgrade`; with `Cache-Control: no-cache` or
//! `no-store`, or one that is malformed; with headers from which frameworks take another method or target
//! (`X-HTTP-Method-Override`, `Forwarded`, `X-Forwarded-Host`, `-Proto`, `-Port`, `-Prefix`, `X-Original-URL`,
//! `X-Rewrite-URL`, ..). [`key_header`](HttpCoalesceLayer::key_header) takes such a header into the key instead.
//!
//! Two requests are the same if their methods, their target URIs (with `Host`), those headers and what the
//! [`key`](HttpCoalesceLayer::key) function says of them are. Whatever else decides who may see a response must be in the
//! key: the layer sees no client certificate, no API key in a header of your own, no extension of a layer outside.
//!
//! # Which responses
//!
//! Because of that, a response is given to others only if it says that anybody may have it: `Cache-Control: public`, or
//! `s-maxage`. [`share_unmarked`](HttpCoalesceLayer::share_unmarked) is for routes of which you know that it is so.
//! Never shared are responses
//!
//! - with another status than 200, 203, 204, 300, 301, 308, 404, 405, 410, 414 and 501;
//! - with `Set-Cookie`; with `Cache-Control: private`, `no-store` or `no-cache`, or one that is malformed; and where
//!   `CDN-Cache-Control` or `Surrogate-Control` say so;
//! - that are out of date at once: by `max-age`, `s-maxage`, `Expires` or `Age`;
//! - that are streams of events, which each client is to have from when it came.
//!
//! What a response varies by (`Vary`) is in the key from the next one on. One with `Content-Encoding` varies by
//! `Accept-Encoding`, and one with an `Access-Control-Allow-Origin` that is not `*` by `Origin`, whether they say so or
//! not.
//!
//! A key whose responses are not shared is left alone [for a while](HttpCoalesceLayer::remember_for), and for as long as
//! it is asked for. Only the head of a response can say so: those who ask for such a key together, and for the first
//! time, wait for the head of the first one before they run their own, 400 ms with a handler of 200. The feature
//! `tracing` has an event, once for a key, that says why a response is not shared; the feature `metrics` the counter
//! `coalesced_not_shared_total`, with the labels `function` (the group's name) and `reason`, of all requests that ran the
//! handler for themselves alone. Those of them that followed before are in the group's
//! [`stats`](coalesce_runtime::Stats) as `followed` and as `takeovers`; requests that are left alone for what they are
//! (the list above) are no calls of the group.
//!
//! # What becomes of clients
//!
//! | when | then |
//! |---|---|
//! | a client leaves, the first one too | the fetch goes on for the others; the last one to leave ends it |
//! | the response is not shared | the first client gets it, as it streams; the others run their own, at once |
//! | it is shared | each client has the head at once, and each frame when it arrives, in its own pace |
//! | a request comes while all of the body is kept | it joins, and has it from the beginning |
//! | a client reads slower than others | the fetch waits for it, for [a limited time](HttpCoalesceLayer::max_lag); then its body ends in an error |
//! | [the memory](HttpCoalesceLayer::max_memory) is spent | requests pass by, as without the layer |
//! | the handler panics | the first client's connection sees it, the others run their own; after the head, their bodies end in errors |
//! | the service fails | the first client has the error; the others try once more together, then each runs its own |
//! | the body fails | each body ends in this error |
//!
//! The first client gets its response as it is. The others' has no extensions but those that
//! [were named](HttpCoalesceLayer::share_extension), no headers of [one request](HttpCoalesceLayer::own_headers) or one
//! connection, and HTTP's version is their own connection's.
//!
//! A fetch runs on a Tokio task of its own: it has no task-locals of its clients. Requests that are left alone run
//! where they are.
//!
//! # How it works
//!
//! 1. A request is looked at before anything else (`request`): if it says itself that it may not share, it goes
//!    through.
//! 2. Else its key is looked up as it is (`key`, `borrowed`, `lookup`), with the headers that this URL's responses vary by, if that was learnt
//!    (`memory`); if its responses are not shared, it goes through as well.
//! 3. It joins when its future is first polled (`future`, `join`): it opens a fetch, or becomes a client of one
//!    (`client`).
//! 4. The fetch (`fetch`, with its `task`) calls the service, has the head judged (`rules`, `marks`, `verdict`), and hands the
//!    body on as it arrives, out of what is kept of it (`frames`, in `chunks`), at the pace of its clients (`room`), within what the
//!    layer may keep (`budget`).
//!
//! A fetch is the body of a flight of its group, and the flight is in the air until the fetch is over. Who waits for
//! the head is one of its followers; who has it reads on by itself.
//!
//! Invariant: a response reaches a request other than its own only as a client of a fetch whose head was judged to be
//! for others, and whose key, with all that the response varies by, is the request's.

mod body;
mod body_error;
mod borrowed;
mod budget;
mod cache_control;
mod chunks;
mod client;
mod fetch;
mod frames;
pub mod future;
mod head;
mod join;
mod key;
mod layer;
mod lookup;
mod marks;
mod memory;
#[cfg(all(feature = "tracing", not(feature = "axum")))]
mod nested;
mod options;
mod pause;
mod policy;
mod reason;
mod request;
mod room;
mod rules;
mod service;
mod state;
mod task;
mod terms;
mod verdict;
mod wakers;

pub use body::ResponseBody;
pub use body_error::BodyError;
pub use key::RequestKey;
pub use layer::{HttpCoalesceLayer, SharedByClones};
pub use policy::HttpGroup;
pub use service::HttpCoalesceService;
pub use task::{Failed, Fetched};
