//! Put [`#[coalesce]`](macro@coalesce) on a function, and concurrent identical calls share one execution.
//!
//! ```
//! use coalesced::coalesce;
//! use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
//!
//! static QUERIES: AtomicU32 = AtomicU32::new(0);
//!
//! #[coalesce]
//! async fn fetch_user(id: u64) -> String {
//!     QUERIES.fetch_add(1, Relaxed);
//!     tokio::task::yield_now().await; // a slow database
//!     format!("user {id}")
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     let (one, other) = tokio::join!(fetch_user(42), fetch_user(42));
//!     assert_eq!(one, other);
//!     assert_eq!(QUERIES.load(Relaxed), 1);
//! }
//! ```
//!
//! A call that starts after the query has finished runs a new one: this is request coalescing (singleflight), not a
//! cache. With a cache, put it in front, and see [`is_forgotten()`]. A call whose arguments differ is not held up.
//!
//! The first caller of a key *leads*: its body runs. Those who call meanwhile *follow*: each gets a clone of the value,
//! an `Err` too. If the leader is dropped, one of them takes over; if its body panics, all of them do.
//!
//! **Whatever decides who may see the result must be in the key**, and so among the arguments: the body runs with
//! the leader's task-locals, transaction and credentials. Don't put it on writes.
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | functions, their keys and all options | [`#[coalesce]`](macro@coalesce) |
//! | methods of what owns a pool or a client | [`Registry`] |
//! | calls without the attribute, by a key of yours | [`Group`], and [`Key`] |
//! | errors, also those that are not `Clone` | [`CloneError`], [`SharedError`] |
//! | limits to how old, large or slow a flight may grow | [`Config`] |
//! | one call that joins no flight, or shares with nobody | [`fresh()`], [`alone()`] |
//! | after a write: later calls join no earlier flight | [`forget()`], and in a body that fills a cache [`is_forgotten()`] |
//! | what became of one call | [`observe()`], a [`Report`] with its [`Role`] |
//! | what is in flight in the process, and its numbers | [`groups()`], [`AnyGroup`], [`InFlight`], [`Stats`] |
//! | shutdown | [`idle()`] |
//! | to switch it off in all of the process | [`set_enabled()`] |
//! | services and HTTP, as layers of Tower | [`tower`][layers] |
//! | one body for several servers | [`cluster`][servers] |
//!
//! The rest is in the crate's `README.md`, and in `docs/` of its repository: what happens when, when not to use it, what it
//! costs.
//!
//! # Features
//!
//! | feature | on by default | gives |
//! |---|---|---|
//! | `spawn` | yes | the options `spawn` and `detach`: bodies on Tokio tasks of their own |
//! | `time` | yes | the limit `max_wait`, and a clock that tests can pause: Tokio's |
//! | `tower`, `axum` | | [layers for services, and one for HTTP][layers]; `axum` knows the URI that the client sent |
//! | `cluster`, `redis`, `redis-tls` | | [flights of several servers][servers]: in memory for tests, through a Redis, with TLS |
//! | `metrics` | | counters, gauges and histograms through the `metrics` facade |
//! | `tracing` | | a span for each body and each wait |
//! | `serde` | | [`Stats`] and [`InFlight`] can be serialized |
//!
//! Without `spawn` and `time` it needs no Tokio. It needs Rust 1.85.
//!
#![cfg_attr(feature = "tower", doc = "[layers]: crate::tower")]
#![cfg_attr(not(feature = "tower"), doc = "[layers]: #features")]
#![cfg_attr(feature = "cluster", doc = "[servers]: crate::cluster")]
#![cfg_attr(not(feature = "cluster"), doc = "[servers]: #features")]
// What is no feature of this crate but of those that it re-exports.
#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(loom, feature = "http"))))]
#![forbid(unsafe_code)]

pub use coalesce_macros::coalesce;
pub use coalesce_runtime::{
    AnyGroup, CloneError, Config, Group, InFlight, Key, Part, Registry, Report, Role, SharedError,
    Stats, Value, alone, forget, fresh, groups, idle, is_enabled, is_forgotten, observe,
    set_enabled,
};

#[cfg(feature = "tower")]
#[doc(inline)]
pub use coalesce_tower as tower;

#[cfg(feature = "cluster")]
#[doc(inline)]
pub use coalesce_cluster as cluster;

#[doc(hidden)]
pub use coalesce_runtime::private as __private;
