//! Errors that several callers have by a [`SharedError`], since there is only one of each.
//!
//! 1. A body fails, and somebody waits for it: the error goes into a [`SharedError`], which the flight keeps.
//! 2. Each of its callers has an error of the function's type that is made from it, the leader, too: the
//!    original is one, and those who wait need it to find what it is.
//! 3. Nobody waits: the caller has the error itself.

use std::{any::Any, error::Error, marker::PhantomData};

use crate::sharing::{
    Kept, Share, Sharing, Whole,
    shared_error::{AnyError, SharedError},
};

/// An error that is made from a [`SharedError`], and that can go into one: as what it holds, or as itself.
pub trait Lend<M>: From<SharedError> + Send + Sync + 'static {
    /// What callers share.
    fn lend(self) -> SharedError;
}

/// Marks errors like `anyhow::Error`, which are none themselves, but hold one.
#[derive(Debug)]
pub enum Holder {}

/// Marks errors.
#[derive(Debug)]
pub enum Itself {}

impl<E> Lend<Holder> for E
where
    E: From<SharedError> + AsRef<AnyError> + Send + Sync + 'static,
{
    fn lend(self) -> SharedError {
        SharedError::of(self)
    }
}

impl<E> Lend<Itself> for E
where
    E: From<SharedError> + Error + Send + Sync + 'static,
{
    fn lend(self) -> SharedError {
        SharedError::new(self)
    }
}

/// A `Result` is shared, an error of it by a [`SharedError`].
#[derive(Debug)]
pub struct ByShared<M>(PhantomData<fn() -> M>);

impl<T, E, M> Sharing<Result<T, E>> for ByShared<M>
where
    T: Send + Sync + 'static,
    E: Lend<M>,
{
    type Output = Result<T, E>;

    fn is_shared(_: &Result<T, E>) -> bool {
        true
    }

    fn split(output: Result<T, E>) -> Result<Result<T, E>, Result<T, E>> {
        Whole::split(output)
    }

    fn join(value: Result<T, E>) -> Result<T, E> {
        Whole::join(value)
    }

    fn keep(value: Result<T, E>) -> Kept {
        match value {
            Ok(_) => Whole::keep(value),
            Err(error) => Box::new(error.lend()),
        }
    }

    fn give(kept: &(dyn Any + Send + Sync), share: Share<Result<T, E>>) -> Result<T, E> {
        match kept.downcast_ref::<SharedError>() {
            Some(error) => Err(E::from(error.clone())),
            None => Whole::give(kept, share),
        }
    }

    fn take(kept: Kept) -> Result<T, E> {
        match kept.downcast::<SharedError>() {
            Ok(error) => Err(E::from(*error)),
            Err(kept) => Whole::take(kept),
        }
    }
}
