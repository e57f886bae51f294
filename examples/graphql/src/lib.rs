//! GraphQL in front of gRPC, both in one process over loopback, with `coalesced` in one of two places:
//! on the resolver (`schema.rs`), or on the client's channel (`channel.rs`).
//!
//! A query that names one user in two fields makes one call for them, and so do two queries.

mod backend;
mod channel;
mod connections;
mod gateway;
mod round;
mod schema;
mod users;

pub use backend::{ADMIN, Backend, Call};
pub use connections::CONNECT_TIMEOUT;
pub use gateway::{Gateway, Sharing};
pub use round::{BackendDown, Outage, THREE_FIELDS, ThreeFields, backend_down, three_fields};
pub use users::{GetUserRequest, User, UsersClient};
