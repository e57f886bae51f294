//! What the tests have in common.

mod allocations;
mod gate;
mod noisy;

pub(crate) use allocations::allocations;
pub(crate) use gate::Gate;
pub(crate) use noisy::Noisy;
