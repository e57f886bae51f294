//! Several servers, one body: concurrent identical calls share one execution across processes. Depend on
//! `coalesced`, not on this crate.
#![forbid(unsafe_code)]

mod cluster;
mod digest;
pub mod engine;
mod frame;
mod health;
mod member;
mod memory;
#[cfg(feature = "redis")]
mod redis;
pub mod seam;
mod stats;

pub use cluster::{
    Away, Cluster, across::Call, connect_error::ConnectError, crossing::Crossing,
    functions::Functions, lead::Lead,
};
pub use frame::{Codec, Keyed, OnlyOk, Unshared, Whole};
pub use health::Health;
pub use memory::{Fault, Memory, Message, Operation, Port};
pub use stats::Stats;

#[cfg(feature = "redis")]
pub use crate::redis::{Client, Redis, UrlError};
