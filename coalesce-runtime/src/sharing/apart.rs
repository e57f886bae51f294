//! How a function shares what it returns if an option says how its errors are: `share = ok`, `clone_err = ..`.

use std::{marker::PhantomData, ops::Deref};

use crate::sharing::{
    OnlyOk, Share, Value, Whole, cloned,
    refusal::{NoResult, NoValue},
    way::{Way, looks},
};

looks! {
    /// Looks at what a function returns that shares only what is `Ok`, as [`ByClone`](crate::sharing::way::ByClone)
    /// does.
    ByOk => ByNoOk,
    /// The second look of [`ByOk`].
    ByNoOk => ByNoResult,
}

looks! {
    /// The same where errors are copied by a function of the user's.
    ByCopy => ByCopyOfNoOk,
    /// The second look of [`ByCopy`].
    ByCopyOfNoOk => ByNoResult,
}

/// The last look of [`ByOk`] and of [`ByCopy`].
#[derive(Debug)]
pub struct ByNoResult<R>(PhantomData<fn() -> R>);

impl<R> ByNoResult<R> {
    const NEW: Self = Self(PhantomData);

    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoResult<R> {
        NoResult::NEW
    }
}

impl<T: Value, E> ByOk<Result<T, E>> {
    /// A clone of what is `Ok`.
    pub fn coalesced_way(&self) -> Way<OnlyOk<Result<T, E>>, T> {
        Way::new(cloned)
    }
}

impl<T, E> ByNoOk<Result<T, E>> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoValue<T> {
        NoValue::NEW
    }
}

impl<T: Value, E> ByCopy<Result<T, E>> {
    /// By what the user says.
    #[must_use]
    pub fn coalesced_way(&self) -> Copying<T, E> {
        Copying(PhantomData)
    }
}

impl<T, E> ByCopyOfNoOk<Result<T, E>> {
    /// None.
    #[must_use]
    pub fn coalesced_way(&self) -> NoValue<T> {
        NoValue::NEW
    }
}

/// Values are cloned, errors are copied by a function that is still to be said.
#[derive(Debug)]
pub struct Copying<T, E>(PhantomData<fn() -> Result<T, E>>);

impl<T, E> Copying<T, E> {
    /// By this one. It is asked of what was found, so that of a type for which nothing was found nothing else is said.
    pub fn coalesced_by(self, share: Share<Result<T, E>>) -> Way<Whole, Result<T, E>> {
        Way::new(share)
    }
}
