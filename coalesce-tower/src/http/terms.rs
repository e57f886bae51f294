//! What a layer was told.

use std::{fmt, time::Duration};

use http::{Extensions, HeaderName, header::HOST};

use super::head::own_headers;

/// All of it, but for the functions and the group.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// The request headers that are part of the key.
    pub(crate) names: Vec<HeaderName>,
    /// The response headers that are not given to others.
    pub(crate) own_headers: Vec<HeaderName>,
    /// The types of extensions that are.
    pub(crate) extensions: Vec<CopyExtension>,
    /// Whether responses are shared that do not say that they may be.
    pub(crate) share_unmarked: bool,
    /// How much of a body is kept, in bytes.
    pub(crate) max_body: u64,
    /// How much of all bodies.
    pub(crate) max_memory: usize,
    /// How long a fetch waits for its slowest client.
    pub(crate) patience: Duration,
    pub(crate) remember_for: Duration,
    /// Whether a fetch runs on when nobody waits for it.
    pub(crate) detach: bool,
}

/// Copies an extension, if it is there.
#[derive(Clone, Copy)]
pub(crate) struct CopyExtension(pub(crate) fn(&Extensions, &mut Extensions));

impl Default for Terms {
    fn default() -> Self {
        Self {
            names: vec![HOST],
            own_headers: own_headers(),
            extensions: Vec::new(),
            share_unmarked: false,
            max_body: 1 << 20,
            max_memory: 64 << 20,
            patience: Duration::from_secs(10),
            remember_for: Duration::from_secs(120),
            detach: false,
        }
    }
}

impl fmt::Debug for CopyExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyExtension")
    }
}
