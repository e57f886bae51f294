//! A key or value whose every trait runs code of the test's.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

type Code = Arc<dyn Fn(&'static str) + Send + Sync>;

pub(crate) struct Noisy {
    pub(crate) number: u64,
    code: Code,
}

impl Noisy {
    /// `code` is called with `"hash"`, `"clone"`, `"eq"` or `"drop"`.
    pub(crate) fn new(number: u64, code: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        Self {
            number,
            code: Arc::new(code),
        }
    }
}

impl Hash for Noisy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.code)("hash");
        self.number.hash(state);
    }
}

impl PartialEq for Noisy {
    fn eq(&self, other: &Self) -> bool {
        (self.code)("eq");
        self.number == other.number
    }
}

impl Eq for Noisy {}

impl Clone for Noisy {
    fn clone(&self) -> Self {
        (self.code)("clone");
        Self {
            number: self.number,
            code: Arc::clone(&self.code),
        }
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        (self.code)("drop");
    }
}

impl fmt::Debug for Noisy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Noisy({})", self.number)
    }
}
