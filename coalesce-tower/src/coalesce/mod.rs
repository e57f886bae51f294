//! Coalescing for any service: [`CoalesceLayer`], the service that it makes, and the future of a
//! request.
//!
//! 1. `poll_ready` says *ready* at once and asks the inner service nothing: whether a request will lead is
//!    not known yet, and one that follows must hold no permit, slot or other readiness.
//! 2. `call` takes the key of the request, clones the inner service, and starts nothing. The instance in
//!    our service is a pattern to clone from. It is never made ready, so there is no ready instance to
//!    leave behind, and no `mem::replace`, as there would have to be otherwise.
//! 3. The future joins when it is first polled, like every coalesced call. It comes to lead: its body makes
//!    its own clone ready, calls this same instance, drops it, and polls the response. All of this is the
//!    flight's body. So an error of `poll_ready` is an outcome like any other, a panic in `Clone` aside
//!    every panic reaches the followers with its text, and back pressure is felt by the leader.
//! 4. It follows: it keeps its own request and its own clone, never made ready, to lead with if
//!    the leader is dropped. The leader's body is gone by then, with its permit.
//!
//! Invariant: an instance is made ready only by a body, and a body is alive only while its request leads,
//! or is alone.

pub mod future;
mod home;
mod layer;
mod lead;
mod policy;
mod service;
mod share;

pub use home::{GroupFor, NewGroup};
pub use layer::{CoalesceLayer, NotAnOption};
pub use lead::Lead;
pub use service::CoalesceService;
pub use share::{All, Boxed, Cloned, ClonedBy, Copied, OnlyOk, Share, ShareError};
