//! Keys whose borrowed form is gone: what a caller that waits can do with one.

use crate::key::Key;

/// How keys of one type are compared and cloned.
pub(crate) struct OwnedKeys<K> {
    /// Whether two are the same. It runs under a lock.
    pub(crate) same: fn(&K, &K) -> bool,
    /// Another one, made under no lock.
    pub(crate) again: fn(&K) -> K,
}

impl<K> OwnedKeys<K> {
    pub(crate) fn of<Q: Key<K>>() -> Self {
        Self {
            same: Q::same,
            again: Q::again,
        }
    }
}
