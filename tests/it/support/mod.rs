//! What the tests have in common.

mod allocations;
mod bodies;
mod failures;
mod gate;
mod noisy;
mod scene;
mod unwinds;

pub(crate) use allocations::allocations;
pub(crate) use bodies::bodies;
pub(crate) use failures::failures;
pub(crate) use gate::Gate;
pub(crate) use noisy::Noisy;
pub(crate) use scene::{Call, Scene, all_have, begin, begin_with};
pub(crate) use unwinds::{caught, unwinds};
