//! The second variant: a layer on the client's channel, which shares calls below everything that makes
//! them.
//!
//! 1. A unary read is collected: its one message becomes bytes, which can be compared. Other methods go
//!    straight to the channel, uncollected; what is a write or a stream can't be seen from here, so
//!    the methods that may be shared are listed.
//! 2. The key is the path (service and method), the message, and who asks. Calls with the same key
//!    follow the one that leads.
//! 3. The answer is collected as well, with its trailers, where gRPC says how it went. Each caller gets
//!    a copy, which the client decodes as if it came from the wire.

use std::{
    fmt,
    task::{Context, Poll},
};

use bytes::Bytes;
use coalesced::{Group, tower::CoalesceLayer};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION, response, uri::PathAndQuery};
use http_body_util::{BodyExt, Full};
use tonic::{Status, body::Body};
use tower::{Layer, Service, ServiceExt, service_fn, util::BoxCloneSyncService};

use crate::{
    breaker::{self, Guarded},
    users::GET_USER,
};

/// The methods that are reads, and unary.
const SHARED: [&str; 1] = [GET_USER];

/// The metadata that says nothing about the answer. `authorization` is in the key.
const HARMLESS: [&str; 4] = ["content-type", "te", "traceparent", "tracestate"];

/// What makes two calls the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CallKey {
    path: Option<PathAndQuery>,
    authorization: Vec<HeaderValue>,
    message: Bytes,
}

impl CallKey {
    /// The key of a call; none if it has metadata that we don't know, on which its answer may depend.
    /// That includes `grpc-timeout`: a caller is not to fail by another's deadline.
    fn of(call: &http::Request<Bytes>) -> Option<Self> {
        let known =
            |name: &http::HeaderName| name == AUTHORIZATION || HARMLESS.contains(&name.as_str());
        call.headers().keys().all(known).then(|| Self {
            path: call.uri().path_and_query().cloned(),
            authorization: call
                .headers()
                .get_all(AUTHORIZATION)
                .into_iter()
                .cloned()
                .collect(),
            message: call.body().clone(),
        })
    }
}

/// An answer that can be copied.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    head: response::Parts,
    message: Bytes,
    trailers: Option<HeaderMap>,
}

impl Answer {
    async fn collect(answer: http::Response<Body>) -> Result<Self, Status> {
        let (head, body) = answer.into_parts();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned();
        Ok(Self {
            head,
            message: body.to_bytes(),
            trailers,
        })
    }

    fn into_response(self) -> http::Response<Body> {
        let trailers = async { self.trailers.map(Ok) };
        let body = Full::new(self.message).with_trailers(trailers);
        http::Response::from_parts(self.head, Body::new(body))
    }
}

/// The calls in flight on a channel.
pub(crate) type CallFlights = Group<CallKey, Result<Answer, Status>>;

/// A channel on which identical concurrent reads are one call.
#[derive(Clone)]
pub(crate) struct SharedCalls {
    channel: Guarded,
    shared: BoxCloneSyncService<http::Request<Bytes>, Answer, Status>,
}

impl SharedCalls {
    pub(crate) fn new(channel: Guarded, flights: &CallFlights) -> Self {
        let whole = {
            let channel = channel.clone();
            service_fn(move |call: http::Request<Bytes>| {
                let answer = send(
                    channel.clone(),
                    call.map(|message| Body::new(Full::new(message))),
                );
                async { Answer::collect(answer.await?).await }
            })
        };
        let layer = CoalesceLayer::optional(CallKey::of).group(flights);
        Self {
            channel,
            shared: BoxCloneSyncService::new(layer.layer(whole)),
        }
    }
}

impl Service<http::Request<Body>> for SharedCalls {
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Self::Response, Status>>;

    /// Always: a call that follows another needs nothing of the channel, and one that goes there waits
    /// for it then.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: http::Request<Body>) -> Self::Future {
        if !SHARED.contains(&call.uri().path()) {
            return Box::pin(send(self.channel.clone(), call));
        }
        let shared = self.shared.clone();
        Box::pin(async {
            let (head, body) = call.into_parts();
            let message = body.collect().await?.to_bytes();
            let call = http::Request::from_parts(head, message);
            Ok(shared.oneshot(call).await?.into_response())
        })
    }
}

/// One call on the channel, whose own error becomes the status that several callers can be told.
async fn send(channel: Guarded, call: http::Request<Body>) -> Result<http::Response<Body>, Status> {
    channel.oneshot(call).await.map_err(breaker::status)
}

impl fmt::Debug for SharedCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCalls").finish_non_exhaustive()
    }
}
