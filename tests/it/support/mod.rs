//! What the tests have in common.

mod allocations;
mod gate;
mod noisy;
mod unwinds;

pub(crate) use allocations::allocations;
pub(crate) use gate::Gate;
pub(crate) use noisy::Noisy;
pub(crate) use unwinds::unwinds;
