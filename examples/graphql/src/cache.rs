//! The users that were answered lately, each as somebody may see them.
//!
//! 1. Who asks looks here first, and then for a flight. A flight that was answered fills the cache before it lands.
//! 2. A write outdates a user for all who may see them: it has the flights forgotten, and takes out what they filled in.
//! 3. A flight looks whether it was forgotten, and fills, in one; and so are the two steps of a write. So it fills
//!    before the write, which takes it out, or sees that it must not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use async_graphql::ID;
use coalesced::is_forgotten;
use moka::sync::Cache;

use crate::{schema::UserFlights, users::User};

/// What is not written through this gateway is seen then.
const LIFETIME: Duration = Duration::from_secs(60);

/// By who asks: what they were told of one user. One entry of the cache, so that a write takes all out by its key
/// (moka's `invalidate_entries_if` can miss one whose insertion is still in its queue, as `tests/racing.rs` did see).
type Told = Arc<Mutex<HashMap<Option<String>, User>>>;

#[derive(Debug)]
pub(crate) struct UserCache {
    users: Cache<ID, Told>,
    flights: UserFlights,
    /// Taken by flights as readers, and by writes alone.
    filling: RwLock<()>,
}

impl UserCache {
    /// For so many users; for none it keeps nothing.
    pub(crate) fn new(capacity: u64, flights: UserFlights) -> Self {
        let users = Cache::builder().max_capacity(capacity);
        Self {
            users: users.time_to_live(LIFETIME).build(),
            flights,
            filling: RwLock::new(()),
        }
    }

    pub(crate) fn get(&self, (token, id): &(Option<String>, ID)) -> Option<User> {
        let told = self.users.get(id)?;
        let told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(token).cloned()
    }

    /// To be called in the body of a flight.
    pub(crate) fn fill(&self, (token, id): (Option<String>, ID), user: &User) {
        let _filling = self.filling.read().unwrap_or_else(PoisonError::into_inner);
        if !is_forgotten() {
            let told = self.users.get_with(id, Told::default);
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            told.insert(token, user.clone());
        }
    }

    /// To be called after a write. A flight of another user is forgotten, too, and costs a call more at most.
    pub(crate) fn outdate(&self, id: &ID) {
        let _writing = self.filling.write().unwrap_or_else(PoisonError::into_inner);
        self.flights.forget_all();
        self.users.invalidate(id);
    }
}
