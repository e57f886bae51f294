//! The key of a call that has joined already.

use std::hash::Hasher;

use crate::key::{Key, Owning};

/// There is none.
#[derive(Debug)]
pub enum NoKey {}

/// Of a type that can be all that keys must be.
impl Owning for NoKey {
    type Owned = ();
}

impl<K> Key<K> for NoKey {
    fn hash<H: Hasher>(&self, _: &mut H) {
        match *self {}
    }

    fn matches(&self, _: &K) -> bool {
        match *self {}
    }

    fn to_key(&self) -> K {
        match *self {}
    }

    fn same(_: &K, _: &K) -> bool {
        unreachable!("there is no key")
    }

    fn again(_: &K) -> K {
        unreachable!("there is no key")
    }
}
