//! Errors that can be copied, though they are not `Clone`.

use std::io;

/// An error of which several callers can have a copy, though it is not `Clone`: implemented once for a crate's error,
/// it has all annotated functions share their failures.
///
/// The caller whose body failed has the error itself; those who waited have copies. A copy should be what
/// callers decide by, the variant above all. [`io::Error`] has it; an error of another crate can be held in an
/// `Arc`, or be told in text.
///
/// ```
/// use coalesced::{CloneError, coalesce};
/// use std::{io, num::ParseIntError};
///
/// #[derive(Debug)]
/// enum Error {
///     NotFound,
///     Io(io::Error),
///     Format(ParseIntError),
/// }
///
/// impl CloneError for Error {
///     fn clone_error(&self) -> Self {
///         match self {
///             Self::NotFound => Self::NotFound,
///             Self::Io(error) => Self::Io(error.clone_error()),
///             Self::Format(error) => Self::Format(error.clone()),
///         }
///     }
/// }
///
/// #[coalesce]
/// async fn size(path: &str) -> Result<u64, Error> {
///     let text = std::fs::read_to_string(path).map_err(Error::Io)?;
///     let line = text.lines().next().ok_or(Error::NotFound)?;
///     line.parse().map_err(Error::Format)
/// }
/// # futures::executor::block_on(async {
/// assert!(matches!(size("/nowhere").await, Err(Error::Io(_))));
/// # });
/// ```
pub trait CloneError {
    /// A copy, for one more caller.
    #[must_use]
    fn clone_error(&self) -> Self;
}

/// The system's errors are copied as they are; others have the kind and the text of the original.
impl CloneError for io::Error {
    fn clone_error(&self) -> Self {
        if let Some(code) = self.raw_os_error() {
            return Self::from_raw_os_error(code);
        }
        let (kind, text) = (self.kind(), self.to_string());
        if self.get_ref().is_none() && text == kind.to_string() {
            return kind.into();
        }
        Self::new(kind, text)
    }
}

impl<E: CloneError> CloneError for Box<E> {
    fn clone_error(&self) -> Self {
        Self::new((**self).clone_error())
    }
}
