//! Whose cryptography TLS uses: the process's, or *ring*'s.
//!
//! rustls asks for one provider in a process, finds none by itself where there are none or two among the
//! dependencies, and panics then. A program that has installed one keeps it.

use rustls::crypto::{CryptoProvider, ring};

pub(super) fn provide() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have been faster: as good.
        let _ = ring::default_provider().install_default();
    }
}
