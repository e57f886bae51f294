//! What the tests have in common.

#[expect(
    dead_code,
    reason = "it is the root package's, whose tests use all of it"
)]
#[path = "../../../../tests/it/support/gate.rs"]
mod gate;
pub(crate) mod origin;
mod settle;
mod strict;

pub(crate) use gate::Gate;
pub(crate) use settle::settle;
pub(crate) use strict::Strict;
