//! What an operator is told: once, in words, through the feature `tracing`.

use crate::{
    engine::{Digest, Token},
    health::Health,
};

/// What it is told through; without the feature nobody listens.
#[cfg(feature = "tracing")]
macro_rules! tell {
    ($level:ident, $($message:tt)+) => { tracing::$level!(target: "coalesced", $($message)+) };
}

#[cfg(not(feature = "tracing"))]
macro_rules! tell {
    ($level:ident, $($message:tt)+) => {{
        let _ = format_args!($($message)+);
    }};
}

/// The engine goes, is back, or is no use.
pub(crate) fn health(cluster: &str, was: &Health, is: &Health) {
    match (was, is) {
        (Health::Connecting, Health::Connected) => {
            tell!(info, "the cluster {cluster} is connected")
        }
        (_, Health::Connected) => tell!(
            warn,
            "the cluster {cluster} is back: flights are shared again"
        ),
        // The reason may change with every attempt.
        (Health::Away(_), Health::Away(_)) => {}
        (_, Health::Away(why)) => tell!(
            warn,
            "the cluster {cluster} is away, flights are shared in this process only: {why}"
        ),
        (_, Health::Refused(why)) => {
            tell!(
                error,
                "the cluster {cluster} is no use, flights are shared in this process only: {why}"
            );
        }
        _ => {}
    }
}

/// The flight that the current span is about: the spans of its callers in all members have the same token.
pub(crate) fn token(token: Token) {
    #[cfg(feature = "tracing")]
    tracing::Span::current().record("token", tracing::field::display(token));
    #[cfg(not(feature = "tracing"))]
    let _ = token;
}

/// A second function comes with a name.
pub(crate) fn name_refused(name: &str, first: (&str, &str), second: (&str, &str)) {
    let ((first, gives), (second, would_give)) = (first, second);
    tell!(
        error,
        "the name {name:?} is that of {first}, which gives {gives}, and refused to {second}, which gives {would_give}: \
         its flights stay in this process"
    );
}

/// Members die, or are stopped, while they run this body.
pub(crate) fn leases_run_out(function: &str, key: Digest) {
    tell!(
        warn,
        "two leases in a row have run out on the key {key} of {function}: does its body stop its members?"
    );
}
