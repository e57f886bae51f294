//! What the tests have in common.

pub(crate) mod connection;
#[expect(
    dead_code,
    reason = "it is the root package's, whose tests use all of it"
)]
#[path = "../../../../tests/it/support/gate.rs"]
mod gate;
pub(crate) mod origin;
mod scene;
mod settle;
mod strict;

pub(crate) use gate::Gate;
pub(crate) use scene::{Scene, by_id, pending};
pub(crate) use settle::settle;
pub(crate) use strict::Strict;
