//! How callers share what a body returns: all of it, or only what is `Ok`.

use std::marker::PhantomData;

/// How a value is given to one more caller.
pub(crate) type Share<V> = fn(&V) -> V;

/// What callers can share: each gets a clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
    label = "not `Clone + Send + Sync + 'static`",
    note = "derive `Clone`, or return an `Arc<_>`",
    note = "for an error that is not `Clone`: `clone_err = ..`, or `share = ok`, or `Arc<E>`"
)]
pub trait Value: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> Value for V {}

/// What of a body's output is the flight's value.
pub trait Sharing<V> {
    /// What the body returns.
    type Output;

    /// The value to share, or an output that goes to its own caller alone.
    fn split(output: Self::Output) -> Result<V, Self::Output>;

    /// The output of a caller that has a share.
    fn join(value: V) -> Self::Output;
}

/// All that the body returns is shared.
#[derive(Debug)]
pub enum Whole {}

impl<V> Sharing<V> for Whole {
    type Output = V;

    fn split(output: V) -> Result<V, V> {
        Ok(output)
    }

    fn join(value: V) -> V {
        value
    }
}

/// `share = ok`: an `Err` is not shared.
#[derive(Debug)]
pub struct OnlyOk<E>(PhantomData<fn() -> E>);

impl<V, E> Sharing<V> for OnlyOk<E> {
    type Output = Result<V, E>;

    fn split(output: Result<V, E>) -> Result<V, Result<V, E>> {
        output.map_err(Err)
    }

    fn join(value: V) -> Result<V, E> {
        Ok(value)
    }
}
