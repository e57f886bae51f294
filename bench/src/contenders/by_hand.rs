//! What people write who take no crate for it.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use dashmap::{DashMap, Entry};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::sync::broadcast;

use crate::{body::Body, contender::Contender, key::Key};

/// A map of futures that can be cloned.
pub(crate) struct SharedMap<K: Key>(Arc<DashMap<K::Owned, Shared<BoxFuture<'static, u64>>>>);

impl<K: Key> SharedMap<K> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }
}

impl<K: Key> Contender<K> for SharedMap<K> {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        let key = key.owned();
        match self.0.entry(key.clone()) {
            Entry::Occupied(flight) => flight.get().clone(),
            Entry::Vacant(place) => {
                let flights = Arc::clone(&self.0);
                let flight = async move {
                    let value = body.await;
                    flights.remove(&key);
                    value
                };
                place.insert(flight.boxed().shared()).clone()
            }
        }
    }
}

/// That of many blog posts: a mutex, a map, and a channel for each key in it.
pub(crate) struct Broadcast<K: Key>(Mutex<HashMap<K::Owned, broadcast::Sender<u64>>>);

impl<K: Key> Broadcast<K> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// A receiver for followers.
    fn join(&self, key: &K::Owned) -> Option<broadcast::Receiver<u64>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key) {
            return Some(flight.subscribe());
        }
        flights.insert(key.clone(), broadcast::channel(1).0);
        None
    }

    fn land(&self, key: &K::Owned, value: u64) {
        let flight = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
        if let Some(flight) = flight {
            // Nobody may be there to receive it.
            let _ = flight.send(value);
        }
    }
}

impl<K: Key> Contender<K> for Broadcast<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        let key = key.owned();
        if let Some(mut flight) = self.join(&key) {
            return flight
                .recv()
                .await
                .expect("the leader sends before it goes");
        }
        let value = body.await;
        self.land(&key, value);
        value
    }
}
