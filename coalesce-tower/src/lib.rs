//! Request coalescing as Tower layers: concurrent requests with the same key share one call of the
//! service.
//!
//! Depend on `coalesced` with the feature `tower`, and on axum with `axum`; it re-exports this crate as
//! `coalesced::tower`.
//!
//! [`HttpCoalesceLayer`] is for HTTP, with streaming bodies, and with what the RFCs say of who may get a response:
//!
//! ```
//! # #[cfg(feature = "http")] {
//! use axum::{Router, http::header::CACHE_CONTROL, routing::get};
//! use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
//!
//! // Anybody may have it, and it says so.
//! let report = || async { ([(CACHE_CONTROL, "public")], "a slow report") };
//!
//! let reports = HttpGroup::new().named("reports"); // whose fetches they are
//! let app: Router = Router::new()
//!     .route("/report", get(report))
//!     .layer(HttpCoalesceLayer::new().group(&reports));
//! # drop(app);
//! # }
//! ```
//!
//! [`CoalesceLayer`] is for any service whose responses can be cloned, and is told what the key is:
//!
//! ```
//! use coalesced::tower::CoalesceLayer;
//! # use std::convert::Infallible;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let users = ServiceBuilder::new()
//!     .layer(CoalesceLayer::new(|id: &u64| *id))
//!     .service(service_fn(async |id: u64| Ok::<_, Infallible>(format!("user {id}"))));
//! assert_eq!(users.oneshot(7).await.unwrap(), "user 7");
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod coalesce;
#[cfg(feature = "http")]
pub mod http;
mod oneshot;
mod run;

#[cfg(feature = "http")]
pub use self::http::{HttpCoalesceLayer, HttpCoalesceService};
pub use coalesce::{CoalesceLayer, CoalesceService};
#[doc(no_inline)]
pub use coalesce_runtime::SharedError;
#[cfg(feature = "spawn")]
pub use run::Spawned;
pub use run::{InPlace, Run};
