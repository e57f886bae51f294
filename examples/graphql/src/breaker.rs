//! The circuit breaker on the channel, below everything that shares calls.
//!
//! 1. While it is closed it counts the calls that fail in a row because the backend is away. That a user is not there,
//!    or not for everybody, says nothing of the backend.
//! 2. After some it opens: calls fail at once, and none is made.
//! 3. After a while it is half open: one call goes to the backend, the others still fail at once. How it ends says
//!    whether the breaker closes or opens again.
//!
//! Since calls are shared above it, a herd is one failure, and one probe, whose answer is for all of them. Above the
//! sharing it would count a failure for each follower, and turn away all but one of those who ask when it is half open.

use std::time::Duration;

use tonic::{
    Code, Status,
    body::Body,
    transport::{self, Channel},
};
use tower::Layer;
use tower_resilience_circuitbreaker::{
    CircuitBreaker, CircuitBreakerError, CircuitBreakerHandle, CircuitBreakerLayer,
    FailureClassifier,
};

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Breaker {
    /// So many failures in a row open it.
    pub failures: usize,
    /// Then this long no call is made.
    pub open_for: Duration,
}

/// The channel with a breaker.
pub(crate) type Guarded = CircuitBreaker<Channel, BackendAway>;

/// What is known of a breaker, whoever has its channel.
pub type BreakerHandle = CircuitBreakerHandle<BackendAway>;

/// A breaker on a channel; without limits it never opens.
pub(crate) fn guard(channel: Channel, limits: Option<Breaker>) -> (Guarded, BreakerHandle) {
    let builder = CircuitBreakerLayer::builder().name("users");
    let builder = match limits {
        Some(Breaker { failures, open_for }) => builder
            .consecutive_failures(failures)
            .wait_duration_in_open(open_for)
            .permitted_calls_in_half_open(1),
        None => builder.manual_mode(),
    };
    let builder = builder.failure_classifier_type(BackendAway);
    let (layer, handle) = builder.build_with_handle().expect("`failures` is not zero");
    (layer.layer(channel), handle)
}

/// What is told to whom the breaker turns away, as if the backend had said so.
pub(crate) fn status(error: CircuitBreakerError<transport::Error>) -> Status {
    match error {
        CircuitBreakerError::OpenCircuit => Status::unavailable(error.to_string()),
        CircuitBreakerError::Inner(error) => Status::from_error(error.into()),
    }
}

/// Whether a call says that the backend is away.
#[derive(Debug, Clone, Copy)]
pub struct BackendAway;

impl FailureClassifier<http::Response<Body>, transport::Error> for BackendAway {
    /// By the head of the response: where there is no message, the status is there, and not in the trailers.
    fn classify(&self, result: &Result<http::Response<Body>, transport::Error>) -> bool {
        let Ok(response) = result else { return true };
        let status = Status::from_header_map(response.headers());
        status.is_some_and(|status| {
            matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
        })
    }
}
