//! A word to those whose layer stands in an axum router without the feature `axum`: inside of a nested router, whose
//! prefix is taken away, two routes may see the same URI, and the key of a request has no other.

use std::any::type_name;

/// Whether this service is a route of axum's, or around one, as far as its name says so.
fn is_of_axum<S>() -> bool {
    type_name::<S>().contains("axum::routing::")
}

/// Says so, once for a layer with a group and its clones.
pub(crate) fn warn_of<S>(group: &str) {
    if is_of_axum::<S>() {
        tracing::warn!(
            target: "coalesced",
            function = group,
            "an HTTP layer stands in an axum router, and the feature `axum` is off: routes of nested routers share if \
             what is left of their URIs is the same; turn the feature on"
        );
    }
}
