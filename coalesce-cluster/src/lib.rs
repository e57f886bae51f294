//! Several servers, one body: concurrent identical calls share one execution across processes.
//!
//! Depend on `coalesced`, not on this crate.
//!
//! Fifty servers, a thousand callers each, one key: one query, in all of them together. Within a process calls are
//! coalesced as ever; only the caller that leads a flight there asks the [`Cluster`], and then either runs its
//! body or waits for the process that runs one. What members meet in is an engine that operators have already
//! ([`Redis`](https://docs.rs/coalesce-cluster/latest/coalesce_cluster/struct.Redis.html), with the feature `redis`),
//! or [`Memory`] in tests and simulations.
//!
//! ```
//! use std::time::Duration;
//!
//! use coalesced::cluster::{Cluster, Health, Memory};
//!
//! static SHOP: Cluster = Cluster::new("shop").lease(Duration::from_secs(5));
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // At once; an engine that is away is no error.
//! SHOP.connect(Memory::new().namespace("prod"))?;
//! // Calls don't need it, and a server is ready without.
//! assert!(SHOP.connected(Duration::from_secs(1)).await);
//!
//! // After a write, and its commit: no member joins a flight that may not have seen it.
//! SHOP.across("product").forget_everywhere::<String, _>(&7_u64).await?;
//!
//! assert_eq!(SHOP.stats().elsewhere, 0);
//! // At shutdown: nobody waits for this process's leases.
//! SHOP.close().await;
//! assert_eq!(SHOP.health(), Health::Closed);
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! It is a helper, never a point of failure. When the engine is away, slow, full or restarted empty, no call fails;
//! none waits for an operation longer than 250 ms, or 1.5 s for a flight that it followed; then calls are coalesced
//! in each process, as without it, and the engine is tried again in the background.
//!
//! A finished value is never given to a call that starts when its member knows of the end: after a message's way,
//! and within 1.6 s where a message was lost or the process was stopped.
//!
//! # When not to use it
//!
//! - As a lock. After a pause, a failover or a partition two bodies may run.
//! - Where a body asks another member, over the network, for what that one waits for here: a ring through two members is
//!   not seen. `max_wait` ends the waiting, and `max_hold` does after a minute.
//! - Where a body takes less time than a round trip to the engine.
//! - For values whose bytes lose something: what `#[serde(skip)]` leaves out of a value is not noticed.
//!   (Of a key it is.)
//!
//! # Who is trusted
//!
//! Who can write to the engine can give values to every member. Share it with those you trust with that, or give all
//! members a secret: then keys are hashed with it, and values tagged, and a value that no member wrote is not taken. A
//! secret hides which keys are asked for; it does not encrypt values.
//!
//! # How it is built
//!
//! - `cluster` is what users hold: the handle, the functions that cross, and a caller's part in a flight ([`Lead`]).
//! - `member` is what the callers of a process have in common: a task that owns the connection and all that waits.
//! - [`engine`] says what an engine has to do; `memory` and `redis` are two.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cluster;
mod digest;
pub mod engine;
mod frame;
mod health;
mod member;
mod memory;
mod meter;
#[cfg(feature = "redis")]
mod redis;
mod stats;
mod warn;

pub use cluster::{
    Away, Cluster, connect_error::ConnectError, crossing::Crossing, functions::Functions,
    lead::Lead,
};
pub use frame::{Codec, Crosses, Keyed, OnlyOk, Unshared, Whole};
pub use health::Health;
pub use memory::{Fault, Memory, Message, Operation, Port};
pub use stats::Stats;

#[cfg(feature = "redis")]
pub use crate::redis::{Client, Redis, UrlError};
