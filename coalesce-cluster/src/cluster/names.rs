//! Whose name is whose. Two functions of one name would give each other their values in other members.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use crate::{meter, warn};

/// A function, and the type of its values.
pub(super) type Owner = (&'static str, &'static str);

/// The functions that have come with a name; the first has it.
pub(super) struct Names(RwLock<BTreeMap<&'static str, Vec<Owner>>>);

impl Names {
    pub(super) const fn new() -> Self {
        Self(RwLock::new(BTreeMap::new()))
    }

    /// Whether this name is this function's; if not, that is said once.
    pub(super) fn owns(&self, name: &'static str, owner: Owner) -> bool {
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .and_then(|owners| find(owners, owner));
        if let Some(place) = known {
            return place == 0;
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let owners = names.entry(name).or_default();
        let place = find(owners, owner);
        if place.is_none() {
            owners.push(owner);
        }
        let first = owners[0];
        drop(names);
        if place.is_none() && first == owner {
            meter::announce(name);
        }
        if place.is_none() && first != owner {
            warn::name_refused(name, first, owner);
        }
        first == owner
    }
}

fn find(owners: &[Owner], owner: Owner) -> Option<usize> {
    owners.iter().position(|other| *other == owner)
}
