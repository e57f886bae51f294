//! What of a service's results its callers share, and how an error that is not `Clone` is given to
//! several.
//!
//! The body turns a result into what the flight can share, and each caller turns its share back into a
//! result of the service's own types.

use std::{error::Error, fmt, marker::PhantomData, sync::Arc};

use coalesce_runtime::{
    CloneError, SharedError, Value,
    private::{self, Sharing},
};

/// Any error, as Tower's own layers return it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// What callers share of a `Result<T, E>`.
///
/// It is implemented by [`All`], which is what a layer does by default, [`ClonedBy`] and [`OnlyOk`].
pub trait Share<T, E>: Clone {
    /// The value of a flight, and of a [`Group`](coalesce_runtime::Group) that the layer is given.
    type Value: Value;
    #[doc(hidden)]
    type Sharing: Sharing<Self::Value>;
    #[doc(hidden)]
    fn pack(result: Result<T, E>) -> Packed<Self, T, E>;
    #[doc(hidden)]
    fn unpack(&self, packed: Packed<Self, T, E>) -> Result<T, E>;
}

/// What the body of a flight returns.
pub(crate) type Packed<P, T, E> =
    <<P as Share<T, E>>::Sharing as Sharing<<P as Share<T, E>>::Value>>::Output;

/// Errors are shared like responses, in the way that suits their type: [`Cloned`], [`Boxed`], or [`Copied`].
pub struct All<M>(PhantomData<fn() -> M>);

/// Errors that are `Clone`.
#[derive(Debug)]
pub enum Cloned {}

/// Tower's `BoxError`: each caller gets a [`SharedError`].
///
/// Every error of a coalesced service with boxed errors is one, also where nobody shared it, so that code
/// which looks for an error's type finds it in the same place under load and in a test.
///
/// ```
/// use coalesced::tower::SharedError;
/// use std::{error::Error, io};
///
/// fn is_io(error: &(dyn Error + 'static)) -> bool {
///     let original = error.downcast_ref::<SharedError>().map_or(error, SharedError::original);
///     original.is::<io::Error>()
/// }
///
/// let error: Box<dyn Error + Send + Sync> = io::Error::other("the disk is full").into();
/// assert!(is_io(&SharedError::from(error)));
/// ```
#[derive(Debug)]
pub enum Boxed {}

/// Errors that are [`CloneError`], and not `Clone`: one caller gets the error itself, the others get copies.
#[derive(Debug)]
pub enum Copied {}

/// How an error type is shared by default; `M` is [`Cloned`], [`Boxed`] or [`Copied`].
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` cannot be shared by the callers, because it is neither `Clone` nor `coalesced::CloneError`",
    label = "there is one, and several callers",
    note = "if it is your own, implement `coalesced::CloneError` for it, or derive `Clone`",
    note = "or say how it is copied: `.clone_err(..)`",
    note = "last, `.share_ok()` shares no error: while the backend is down, a thousand callers run a thousand bodies"
)]
pub trait ShareError<M>: Sized {
    /// What is shared.
    type Shared: Value;
    #[doc(hidden)]
    fn share(self) -> Self::Shared;
    #[doc(hidden)]
    fn unshare(shared: Self::Shared) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: Value> ShareError<Cloned> for E {
    type Shared = E;

    fn share(self) -> E {
        self
    }

    fn unshare(shared: E) -> E {
        shared
    }
}

#[diagnostic::do_not_recommend]
impl ShareError<Boxed> for BoxError {
    type Shared = SharedError;

    fn share(self) -> SharedError {
        self.into()
    }

    fn unshare(shared: SharedError) -> Self {
        Box::new(shared)
    }
}

#[diagnostic::do_not_recommend]
impl<E: CloneError + Send + Sync + 'static> ShareError<Copied> for E {
    type Shared = Arc<E>;

    fn share(self) -> Arc<E> {
        Arc::new(self)
    }

    fn unshare(shared: Arc<E>) -> Self {
        Arc::try_unwrap(shared).unwrap_or_else(|shared| shared.clone_error())
    }
}

impl<T: Value, E: ShareError<M>, M> Share<T, E> for All<M> {
    type Value = Result<T, E::Shared>;
    type Sharing = private::Whole;

    fn pack(result: Result<T, E>) -> Self::Value {
        result.map_err(E::share)
    }

    fn unpack(&self, packed: Self::Value) -> Result<T, E> {
        packed.map_err(E::unshare)
    }
}

/// Errors are cloned by a function: [`clone_err`](crate::CoalesceLayer::clone_err).
pub struct ClonedBy<E>(pub(crate) Arc<dyn Fn(&E) -> E + Send + Sync>);

impl<T: Value, E: Send + Sync + 'static> Share<T, E> for ClonedBy<E> {
    type Value = Result<T, Arc<E>>;
    type Sharing = private::Whole;

    fn pack(result: Result<T, E>) -> Self::Value {
        result.map_err(Arc::new)
    }

    fn unpack(&self, packed: Self::Value) -> Result<T, E> {
        packed.map_err(|error| Arc::try_unwrap(error).unwrap_or_else(|error| (self.0)(&error)))
    }
}

/// Only successes are shared: [`share_ok`](crate::CoalesceLayer::share_ok).
#[derive(Debug, Clone, Copy)]
pub struct OnlyOk;

impl<T: Value, E> Share<T, E> for OnlyOk {
    type Value = T;
    type Sharing = private::OnlyOk<Result<T, E>>;

    fn pack(result: Result<T, E>) -> Result<T, E> {
        result
    }

    fn unpack(&self, packed: Result<T, E>) -> Result<T, E> {
        packed
    }
}

impl<M> Clone for All<M> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<M> All<M> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> fmt::Debug for All<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("All")
    }
}

impl<E> Clone for ClonedBy<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> fmt::Debug for ClonedBy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClonedBy")
    }
}
