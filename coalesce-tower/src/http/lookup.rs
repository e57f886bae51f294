//! How the fetch of a request is found.
//!
//! A fetch is in the map of its group's flights as part of its own key: whoever looks the key up, borrowed from a
//! request, finds the fetch beside it, and enters it under the lock of the map. So a request that follows a flight
//! has a part in its fetch, and one that opens a flight has made its fetch. A fetch that is closed is not
//! found, and the next one is opened beside it.

use std::{
    cell::{Cell, RefCell},
    hash::{Hash, Hasher},
    sync::Arc,
};

use coalesce_runtime::Key;

use super::{borrowed::Borrowed, client::Client, fetch::Fetch, key::RequestKey, rules::Rules};

/// The look-up of a key, with the fetch beside it.
pub(crate) struct Lookup<'r, K> {
    pub(crate) key: Borrowed<'r, K>,
    pub(crate) rules: &'r Arc<Rules>,
    pub(crate) met: &'r Met,
}

/// What a look-up has come upon.
#[derive(Default)]
pub(crate) struct Met {
    /// As a client of the fetch that was there: it has entered under the lock under which it was found.
    client: Cell<Option<Client>>,
    /// Fetches that must make room, by the group's limits; they are left outside of the lock.
    others: RefCell<Vec<Client>>,
    /// The fetch that is new.
    made: Cell<Option<Arc<Fetch>>>,
}

impl Met {
    /// The client of the fetch whose flight it follows.
    pub(crate) fn client(&self) -> Option<Client> {
        self.client.take()
    }

    /// The fetch whose flight it leads.
    pub(crate) fn made(&self) -> Option<Arc<Fetch>> {
        self.made.take()
    }

    /// Enters a fetch that was found, perhaps again, if newcomers may.
    fn enter(&self, fetch: &Arc<Fetch>) -> bool {
        let before = self.client.take();
        if before
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it.fetch(), fetch))
        {
            self.client.set(before);
            return true;
        }
        self.others.borrow_mut().extend(before);
        let client = Client::enter(fetch);
        let entered = client.is_some();
        self.client.set(client);
        entered
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> Key<RequestKey<K>> for Lookup<'_, K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.key.hash());
    }

    fn matches(&self, key: &RequestKey<K>) -> bool {
        key.fetch.is_open() && self.key.is(key) && self.met.enter(&key.fetch)
    }

    fn to_key(&self) -> RequestKey<K> {
        let fetch = Fetch::new(self.rules);
        self.met.made.set(Some(Arc::clone(&fetch)));
        self.key.to_key(fetch)
    }

    fn same(a: &RequestKey<K>, b: &RequestKey<K>) -> bool {
        a == b
    }

    fn again(key: &RequestKey<K>) -> RequestKey<K> {
        key.clone()
    }
}
