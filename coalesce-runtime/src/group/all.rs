//! All groups of the process.

use std::sync::{
    Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use crate::group::any::{AnyGroup, Listed};

/// Every group of the process that has been used and not dropped, oldest first.
///
/// These are the groups behind annotated functions, named by the function's path, those of a
/// [`Registry`](crate::Registry), and those you own. A group that was never called is not there yet, and names may
/// repeat, where each instance of a type has a group of its own.
///
/// ```
/// use coalesced::Group;
///
/// static USERS: Group<u64, String> = Group::new().named("users");
///
/// assert_eq!(USERS.in_flight(), 0);
/// assert!(coalesced::groups().iter().any(|group| group.name() == "users"));
/// ```
#[must_use]
pub fn groups() -> Vec<AnyGroup> {
    /// Looked at under one lock, so that nobody's first call waits for long.
    const AT_ONCE: usize = 64;
    let mut groups = Vec::new();
    for start in (0..).step_by(AT_ONCE) {
        let all = all();
        let Some(places) = all.places.get(start..) else {
            break;
        };
        let groups_here = places.iter().take(AT_ONCE).flatten();
        groups.extend(groups_here.filter_map(Weak::upgrade).map(AnyGroup));
    }
    groups.sort_by_key(|group| group.0.number());
    groups
}

/// A group's place in the list, left when it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    place: u32,
    /// How many were listed before it. Where it wraps, the order is another.
    number: u32,
}

impl Registration {
    pub(crate) fn new(group: Weak<dyn Listed>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        Self {
            place: all().insert(group),
            number: NUMBER.fetch_add(1, Relaxed),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // The group behind it is gone already: no code of the user's runs under the lock.
        all().remove(self.place);
    }
}

/// Places that are used again, so that a walk can be broken off and go on.
struct List {
    places: Vec<Option<Weak<dyn Listed>>>,
    free: Vec<u32>,
}

impl List {
    fn insert(&mut self, group: Weak<dyn Listed>) -> u32 {
        if let Some(place) = self.free.pop() {
            self.places[place as usize] = Some(group);
            return place;
        }
        self.places.push(Some(group));
        u32::try_from(self.places.len() - 1).expect("so many groups fit into no memory")
    }

    fn remove(&mut self, place: u32) {
        self.places[place as usize] = None;
        self.free.push(place);
    }
}

fn all() -> MutexGuard<'static, List> {
    static ALL: Mutex<List> = Mutex::new(List {
        places: Vec::new(),
        free: Vec::new(),
    });
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}
