//! A key that is counted, and panics.

use super::{mischief::*, world::Tally};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

pub(super) struct Key {
    pub(super) number: usize,
    /// A group's own: a clone. What is a caller's own does not panic when it is dropped: it may be so in a
    /// caller that unwinds.
    owned: bool,
    tally: Arc<Tally>,
}

impl Key {
    pub(super) fn new(number: usize, tally: &Arc<Tally>) -> Self {
        tally.keys.enter();
        Self {
            number,
            owned: false,
            tally: Arc::clone(tally),
        }
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        strike(Mischief::Some, 64);
        let mut key = Self::new(self.number, &self.tally);
        key.owned = true;
        key
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.tally.keys.leave();
        if self.owned {
            strike(Mischief::Some, 16);
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        strike(Mischief::Some, 64);
        self.number.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Key {}
