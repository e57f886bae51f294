//! An error that several callers got.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::panic::discard;

/// Any error, as `anyhow`, `eyre` and Tower hold it.
pub(crate) type AnyError = dyn Error + Send + Sync;

/// An error that several callers got: it reads as the original, which is its [`source`](Error::source).
///
/// Functions share their failures in it that return an `anyhow::Error`, an `eyre::Report`, a `Box<dyn Error + Send +
/// Sync>`, or an error of one's own that is [`From`] it: there is one original, so all who have it have one of
/// these, the caller whose body failed too. A failure that nobody waited for is the original itself. So look
/// for what an error is in its whole chain: there it is found, shared or not.
///
/// ```
/// use coalesced::coalesce;
/// use std::io;
///
/// #[coalesce]
/// async fn read(path: &str) -> anyhow::Result<String> {
///     # yield_now().await;
///     Ok(std::fs::read_to_string(path)?)
/// }
///
/// fn is_missing(error: &anyhow::Error) -> bool {
///     let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
///     causes.any(|error| error.kind() == io::ErrorKind::NotFound)
/// }
///
/// # async fn yield_now() {
/// #     let mut yielded = false;
/// #     std::future::poll_fn(|cx| {
/// #         cx.waker().wake_by_ref();
/// #         if std::mem::replace(&mut yielded, true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
/// #     })
/// #     .await;
/// # }
/// # futures::executor::block_on(async {
/// let (one, other) = futures::join!(read("/nowhere"), read("/nowhere"));
/// let (one, other) = (one.unwrap_err(), other.unwrap_err());
/// assert!(is_missing(&one) && is_missing(&other));
/// # assert!(one.is::<coalesced::SharedError>() && other.is::<coalesced::SharedError>());
/// # });
/// ```
///
/// The original is its source, and not only what it reads as: else code that looks for a type in the chain would find
/// it, or not, by how busy the service is. So code that prints a chain, as `{:#}` does of an `anyhow::Error`, prints the
/// text of the original twice; without repetitions it is printed once:
///
/// ```
/// use coalesced::SharedError;
/// use std::io;
///
/// fn line(error: &anyhow::Error) -> String {
///     let mut texts: Vec<_> = error.chain().map(ToString::to_string).collect();
///     texts.dedup();
///     texts.join(": ")
/// }
///
/// let error = anyhow::Error::from(SharedError::new(io::Error::other("the disk is full")));
/// let error = error.context("loading a user");
/// assert_eq!(format!("{error:#}"), "loading a user: the disk is full: the disk is full");
/// assert_eq!(line(&error), "loading a user: the disk is full");
/// ```
#[derive(Clone)]
pub struct SharedError(Arc<dyn AsRef<AnyError> + Send + Sync>);

impl SharedError {
    /// This error, to be had by several.
    ///
    /// ```
    /// use coalesced::SharedError;
    /// use std::io;
    ///
    /// let error = SharedError::new(io::Error::other("the disk is full"));
    /// assert_eq!(error.clone().to_string(), "the disk is full");
    /// ```
    ///
    /// **Not for an `anyhow::Error`, or an `eyre::Report`.** They become a `Box<dyn Error>` that hides the type of the
    /// error in them: neither `is` nor `downcast_ref` finds it, here or in the chain. Functions with `#[coalesce]` that
    /// return one lose nothing: they don't share it in this way. In a value that you share by hand, that of a `Group`,
    /// put it into an `Arc`; or take out of it the error that you know:
    ///
    /// ```
    /// use coalesced::SharedError;
    /// use std::{io, sync::Arc};
    ///
    /// fn failed() -> anyhow::Error {
    ///     io::Error::other("the disk is full").into()
    /// }
    ///
    /// let hidden = SharedError::new(failed());
    /// assert_eq!(hidden.to_string(), "the disk is full");
    /// assert!(!hidden.original().is::<io::Error>()); // and yet it is one
    ///
    /// let error = Arc::new(failed());
    /// assert!(error.is::<io::Error>());
    ///
    /// let error = match failed().downcast::<io::Error>() {
    ///     Ok(error) => SharedError::new(error),
    ///     Err(another) => SharedError::new(another),
    /// };
    /// assert!(error.original().is::<io::Error>());
    /// # let in_chain = |error: SharedError| anyhow::Error::from(error).chain().any(|cause| cause.is::<io::Error>());
    /// # assert!(!in_chain(hidden) && in_chain(error));
    /// ```
    #[must_use]
    pub fn new(error: impl Into<Box<AnyError>>) -> Self {
        Self::of(error.into())
    }

    /// The same for what is no [`Error`], but has one.
    pub(crate) fn of<E: AsRef<AnyError> + Send + Sync + 'static>(error: E) -> Self {
        let error = Arc::new(error);
        // It was shared before, by a function that this one called. This is code of the user's.
        let shared = || (*error).as_ref().downcast_ref::<Self>().cloned();
        match catch_unwind(AssertUnwindSafe(shared)) {
            Ok(Some(shared)) => shared,
            Ok(None) => Self(error),
            Err(panic) => {
                discard(panic);
                Self(error)
            }
        }
    }

    /// The error that the body returned.
    ///
    /// ```
    /// use coalesced::SharedError;
    /// use std::io;
    ///
    /// let error = SharedError::new(io::Error::other("the disk is full"));
    /// assert!(error.original().is::<io::Error>());
    /// ```
    #[must_use]
    pub fn original(&self) -> &(dyn Error + 'static) {
        (*self.0).as_ref()
    }
}

impl From<Box<AnyError>> for SharedError {
    fn from(error: Box<AnyError>) -> Self {
        Self::of(error)
    }
}

impl Error for SharedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.original())
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.original(), f)
    }
}

impl fmt::Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.original(), f)
    }
}
