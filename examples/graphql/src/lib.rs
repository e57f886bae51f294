//! GraphQL in front of gRPC, both in one process over loopback, with `coalesced` in one of two places:
//! at the resolver (`schema.rs`), or on the client's channel (`channel.rs`).
//!
//! A query that names one user in two fields makes one call for them, and so do two queries. In front of what is in
//! flight there can be a cache (`cache.rs`), and behind it a circuit breaker (`breaker.rs`).

mod backend;
mod breaker;
mod cache;
mod channel;
mod connections;
mod gateway;
mod herd;
mod recovery;
mod round;
mod schema;
mod users;

pub use backend::{ADMIN, Backend, Call, Mood};
pub use breaker::{BackendAway, Breaker, BreakerHandle};
pub use connections::CONNECT_TIMEOUT;
pub use gateway::{Gateway, Sharing};
pub use herd::herd;
pub use recovery::{FAILURES, HERDS, Recovery, recovery};
pub use round::{BackendDown, Outage, THREE_FIELDS, ThreeFields, backend_down, three_fields};
pub use users::{GetUserRequest, RenameUserRequest, User, UsersClient};
