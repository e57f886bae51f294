//! Why a body ended before its end.

use std::{error::Error, fmt};

use coalesce_runtime::SharedError;

/// Why the body of a response ended before its end. A server then breaks the connection or the stream off, so
/// that no client takes a part for the whole.
///
/// What the service's own body failed with is its [`source`](Error::source).
#[derive(Debug, Clone)]
pub struct BodyError(Why);

#[derive(Debug, Clone)]
enum Why {
    Origin(SharedError),
    TooSlow,
    Broken,
}

impl BodyError {
    pub(crate) fn origin(error: SharedError) -> Self {
        Self(Why::Origin(error))
    }

    pub(crate) fn too_slow() -> Self {
        Self(Why::TooSlow)
    }

    pub(crate) fn broken() -> Self {
        Self(Why::Broken)
    }

    /// Whether this client read so slowly that the others could wait for it no longer.
    #[must_use]
    pub fn is_too_slow(&self) -> bool {
        matches!(self.0, Why::TooSlow)
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Why::Origin(error) => Some(error.original()),
            Why::TooSlow | Why::Broken => None,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Origin(error) => error.fmt(f),
            Why::TooSlow => f.write_str("this client read too slowly for the others"),
            Why::Broken => f.write_str("the response that this client shared was broken off"),
        }
    }
}
