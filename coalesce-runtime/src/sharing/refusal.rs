//! Where what can't be shared is refused: an error at the error's type, a value (`value`) at the value's.
//!
//! As in `key/refusal.rs`, two implementations to choose from have the compiler name the type, and say nothing else.

use std::marker::PhantomData;

use crate::{
    nothing::Nothing,
    sharing::{apart::Copying, way::Way},
};

/// What a look at a type has found.
pub trait Found {
    /// The error that is to be shared.
    type Error;
    /// The error that is to be sent.
    type Sent;
    /// The value that is to be shared.
    type Value;
    /// What is to be a `Result`.
    type Whole;
}

/// Stands for what can be shared.
#[derive(Debug)]
pub enum Fine {}

/// There is no way to share this error.
#[derive(Debug)]
pub struct NoError<E>(PhantomData<fn() -> E>);

/// There is no way to send this error.
#[derive(Debug)]
pub struct NoErrorAcross<E>(PhantomData<fn() -> E>);

/// There is no way to share this value.
#[derive(Debug)]
pub struct NoValue<V>(PhantomData<fn() -> V>);

/// This is no `Result`.
#[derive(Debug)]
pub struct NoResult<R>(PhantomData<fn() -> R>);

macro_rules! found {
    ($($found:ident<$($parameter:ident),*>: $error:ty, $sent:ty, $value:ty, $whole:ty;)*) => {$(
        impl<$($parameter),*> Found for $found<$($parameter),*> {
            type Error = $error;
            type Sent = $sent;
            type Value = $value;
            type Whole = $whole;
        }
    )*};
}

found! {
    Way<S, V>: Fine, Fine, Fine, Fine;
    Copying<T, E>: Fine, Fine, Fine, Fine;
    NoError<E>: E, Fine, Fine, Fine;
    NoErrorAcross<E>: Fine, E, Fine, Fine;
    NoValue<V>: Fine, Fine, V, Fine;
    NoResult<R>: Fine, Fine, Fine, R;
}

impl<E> NoError<E> {
    pub(super) const NEW: Self = Self(PhantomData);
}

impl<E> NoErrorAcross<E> {
    pub(super) const NEW: Self = Self(PhantomData);
}

impl<V> NoValue<V> {
    pub(super) const NEW: Self = Self(PhantomData);
}

impl<R> NoResult<R> {
    pub(super) const NEW: Self = Self(PhantomData);
}

/// Where an error that can't be shared is refused.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` cannot be shared by the callers, because it is neither `Clone` nor `coalesced::CloneError`",
    label = "there is one, and several callers",
    note = "if it is your own, derive `Clone`, or, where something in it is not `Clone`, implement `coalesced::CloneError`, once for all functions",
    note = "else return `Arc<{Self}>`, and end the body with `Ok(..?)`: `?` makes it of this error alone; another one that this is `From` goes by `.map_err(<{Self}>::from)?`",
    note = "or, if it is to be a response, an error of your own that holds that: `#[derive(Clone)] struct Failed(Arc<..>)`; `IntoResponse` cannot be implemented for an `Arc` of another crate's error",
    note = "or say how it is copied: `clone_err = |error: &{Self}| ..`",
    note = "last, `share = ok` shares no error: while the backend is down, a thousand callers run a thousand bodies"
)]
pub trait VouchError<M> {
    /// `F`
    type Vouched<F>;

    /// Returns `found`.
    fn vouch<F>(found: F) -> Self::Vouched<F>;
}

/// Where an error that can't be sent is refused.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` cannot be shared by the callers, because it is not `Send + Sync + 'static`",
    label = "not `Send + Sync + 'static`, and callers may be on other threads",
    note = "if it is a `Box<dyn Error>`, return `Box<dyn Error + Send + Sync>`; if it is behind a trait of your own, write `trait AppError: Send + Sync`; if it is a parameter, `E: Clone + Send + Sync + 'static`",
    note = "if it is a response, return an error of your own that is `Clone`, and make each caller's response of it",
    note = "last, `share = ok` asks nothing of an error, and shares none: while the backend is down, a thousand callers run a thousand bodies"
)]
pub trait VouchSent<M> {
    /// `F`
    type Vouched<F>;

    /// Returns `found`.
    fn vouch<F>(found: F) -> Self::Vouched<F>;
}

/// Where what is no `Result` is refused.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Result`, so there is no error for `share` or `clone_err` to treat apart",
    label = "not a `Result`",
    note = "leave the option out, or return a `Result`"
)]
pub trait VouchResult<M> {
    /// `F`
    type Vouched<F>;

    /// Returns `found`.
    fn vouch<F>(found: F) -> Self::Vouched<F>;
}

/// Implemented for [`Fine`] alone.
pub trait NotRefused {}

impl NotRefused for Fine {}

/// Not implemented.
pub trait Refused {}

macro_rules! refused {
    ($($refusal:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: NotRefused> $refusal<()> for T {
            type Vouched<F> = F;

            fn vouch<F>(found: F) -> F {
                found
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Refused> $refusal<Nothing> for T {
            type Vouched<F> = F;

            fn vouch<F>(found: F) -> F {
                found
            }
        }
    )*};
}

pub(super) use refused;

refused!(VouchError VouchSent VouchResult);

/// What was found, if no error stands against it.
pub fn error<W, M, N>(
    found: W,
) -> <W::Error as VouchError<M>>::Vouched<<W::Sent as VouchSent<N>>::Vouched<W>>
where
    W: Found,
    W::Error: VouchError<M>,
    W::Sent: VouchSent<N>,
{
    <W::Error as VouchError<M>>::vouch(<W::Sent as VouchSent<N>>::vouch(found))
}

/// What was found, if it is about a `Result`.
pub fn fallible<W, M>(found: W) -> <W::Whole as VouchResult<M>>::Vouched<W>
where
    W: Found,
    W::Whole: VouchResult<M>,
{
    <W::Whole as VouchResult<M>>::vouch(found)
}
