//! Request coalescing as Tower layers: concurrent requests with the same key share one call of the
//! service.
//!
//! [`CoalesceLayer`] is for any service whose responses can be cloned. Depend on `coalesced` with the
//! feature `tower`, which re-exports this crate as `coalesced::tower`.

#![forbid(unsafe_code)]

pub mod coalesce;

pub use coalesce::{CoalesceLayer, CoalesceService, SharedError};
