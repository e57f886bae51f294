//! Request coalescing as Tower layers: concurrent requests with the same key share one call of the
//! service.
//!
//! [`CoalesceLayer`] is for any service whose responses can be cloned, [`HttpCoalesceLayer`] for HTTP, with
//! streaming bodies and with what the RFCs say of who may get a response. Depend on `coalesced` with the
//! feature `tower`, which re-exports this crate as `coalesced::tower`.

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
