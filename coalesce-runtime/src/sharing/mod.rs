//! How callers share what a body returns: all of it, or only what is `Ok`.

pub(crate) mod apart;
pub(crate) mod clone_error;
pub(crate) mod fallible;
pub(crate) mod lend;
pub(crate) mod refusal;
pub(crate) mod shared_error;
pub(crate) mod unnamed;
pub(crate) mod value;
pub(crate) mod way;

use std::{any::Any, marker::PhantomData};

use crate::sharing::fallible::Fallible;

/// How a value is given to one more caller.
pub(crate) type Share<V> = fn(&V) -> V;

/// What callers of a [`Group`](crate::Group) can share: each gets a clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared by the callers, because it is not `Clone + Send + Sync + 'static`",
    label = "not `Clone + Send + Sync + 'static`",
    note = "derive `Clone`, or return an `Arc<_>`"
)]
pub trait Value: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> Value for V {}

/// What of a body's output is the flight's value.
pub trait Sharing<V> {
    /// What the body returns.
    type Output;

    /// Whether there is a value to share.
    fn is_shared(output: &Self::Output) -> bool;

    /// The value to share, or an output that goes to its own caller alone.
    fn split(output: Self::Output) -> Result<V, Self::Output>;

    /// The output of a caller that has a share.
    fn join(value: V) -> Self::Output;

    /// The value to share, as its flight keeps it.
    fn keep(output: Self::Output) -> Kept;

    /// An error for the flight to keep, if it is another one than the leader has.
    fn copy(_error: &Self::Output, _share: Share<V>) -> Option<Kept> {
        None
    }

    /// A share of what a flight keeps.
    fn give(kept: &(dyn Any + Send + Sync), share: Share<V>) -> V;

    /// What a flight kept, for the last one who asks.
    fn take(kept: Kept) -> V;
}

/// What a flight keeps knows nothing of its type.
pub(crate) type Kept = Box<dyn Any + Send + Sync>;

/// A flight has been found by callers of another function.
#[cold]
fn cannot_be() -> ! {
    unreachable!("the flights of one function have one type of value")
}

/// All that the body returns is shared.
#[derive(Debug)]
pub enum Whole {}

impl<V: Send + Sync + 'static> Sharing<V> for Whole {
    type Output = V;

    fn is_shared(_: &V) -> bool {
        true
    }

    fn split(output: V) -> Result<V, V> {
        Ok(output)
    }

    fn join(value: V) -> V {
        value
    }

    fn keep(value: V) -> Kept {
        Box::new(value)
    }

    fn copy(error: &V, share: Share<V>) -> Option<Kept> {
        Some(Box::new(share(error)))
    }

    fn give(kept: &(dyn Any + Send + Sync), share: Share<V>) -> V {
        match kept.downcast_ref() {
            Some(value) => share(value),
            None => cannot_be(),
        }
    }

    fn take(kept: Kept) -> V {
        match kept.downcast() {
            Ok(value) => *value,
            Err(_) => cannot_be(),
        }
    }
}

/// `share = ok`: an `Err` is not shared.
#[derive(Debug)]
pub struct OnlyOk<R>(PhantomData<fn() -> R>);

impl<R: Fallible> Sharing<R::Value> for OnlyOk<R>
where
    R::Value: Send + Sync + 'static,
{
    type Output = R;

    fn is_shared(output: &R) -> bool {
        output.as_result().is_ok()
    }

    fn split(output: R) -> Result<R::Value, R> {
        output
            .into_result()
            .map_err(|error| R::from_result(Err(error)))
    }

    fn join(value: R::Value) -> R {
        R::from_result(Ok(value))
    }

    fn keep(output: R) -> Kept {
        match output.into_result() {
            Ok(value) => Whole::keep(value),
            Err(_) => cannot_be(),
        }
    }

    fn give(kept: &(dyn Any + Send + Sync), share: Share<R::Value>) -> R::Value {
        Whole::give(kept, share)
    }

    fn take(kept: Kept) -> R::Value {
        Whole::take(kept)
    }
}

/// How a value is shared by default.
pub fn cloned<V: Value>(value: &V) -> V {
    value.clone()
}
