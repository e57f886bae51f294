//! How callers share what a body returns: all of it, or only what is `Ok`.

use std::{
    any::type_name,
    hash::{Hash, Hasher},
    marker::PhantomData,
    mem::discriminant,
};

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
pub struct OnlyOk<R>(PhantomData<fn() -> R>);

impl<R: Fallible> Sharing<R::Value> for OnlyOk<R> {
    type Output = R;

    fn split(output: R) -> Result<R::Value, R> {
        output
            .into_result()
            .map_err(|error| R::from_result(Err(error)))
    }

    fn join(value: R::Value) -> R {
        R::from_result(Ok(value))
    }
}

/// What a function returns whose errors are treated apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Result`, so there is no error for `share` or `clone_err` to treat apart",
    label = "not a `Result`"
)]
pub trait Fallible {
    /// What is shared.
    type Value;
    /// What is treated apart.
    type Error;

    /// Itself.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
    /// Itself.
    fn as_result(&self) -> Result<&Self::Value, &Self::Error>;
    /// Itself.
    fn from_result(result: Result<Self::Value, Self::Error>) -> Self;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }

    fn as_result(&self) -> Result<&T, &E> {
        self.as_ref()
    }

    fn from_result(result: Self) -> Self {
        result
    }
}

/// Whether a body's output is an `Err`.
///
/// A blanket implementation can't tell a `Result` from other types, but its name does, and which of an enum's
/// variants a value is can be asked of any type. `stats::errors_are_counted` shows that it is right.
pub(crate) fn is_err<T>(output: &T) -> bool {
    /// Whether the variant's number is another than that of `Ok`, the first.
    #[derive(Default)]
    struct NotFirst(bool);

    impl Hasher for NotFirst {
        fn write(&mut self, number: &[u8]) {
            self.0 = number.iter().any(|byte| *byte != 0);
        }

        fn finish(&self) -> u64 {
            self.0.into()
        }
    }

    if !type_name::<T>().starts_with("core::result::Result<") {
        return false;
    }
    let mut variant = NotFirst::default();
    discriminant(output).hash(&mut variant);
    variant.0
}
