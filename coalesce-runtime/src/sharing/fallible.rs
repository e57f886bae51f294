//! What of an output is its error.

use std::{
    any::type_name,
    hash::{Hash, Hasher},
    mem::discriminant,
};

use crate::sharing::Value;

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

/// How a `Result` is shared whose error is not `Clone`: `clone_err = ..`.
pub fn cloned_but_err<R>(result: &R, clone_err: impl FnOnce(&R::Error) -> R::Error) -> R
where
    R: Fallible,
    R::Value: Value,
{
    R::from_result(match result.as_result() {
        Ok(value) => Ok(value.clone()),
        Err(error) => Err(clone_err(error)),
    })
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
