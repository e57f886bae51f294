//! What no contender can be expected to beat: parts of the work, and nothing around them.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    hint::black_box,
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Acquire, Release},
    },
};

use dashmap::DashMap;
use siphasher::sip::SipHasher13;
use tokio::sync::Notify;

use crate::{body::Body, contender::Contender, key::Key};

/// Shares nothing, and looks nothing up: the function without the attribute.
#[derive(Debug)]
pub(crate) struct BodyAlone;

impl<K: Key> Contender<K> for BodyAlone {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        async fn plain<K: Key>(_key: K, body: Body) -> u64 {
            body.await
        }
        plain(key, body)
    }
}

/// The key goes into a map, the body runs, the key comes out: any call that can be found must do as
/// much.
pub(crate) struct InAndOut<K: Key, S>(DashMap<K::Owned, (), S>);

impl<K: Key, S: BuildHasher + Clone + Default> InAndOut<K, S> {
    pub(crate) fn new() -> Self {
        Self(DashMap::with_hasher(S::default()))
    }
}

impl<K: Key, S: BuildHasher + Clone + Send + Sync + 'static> Contender<K> for InAndOut<K, S> {
    async fn call(&self, key: K, body: Body) -> u64 {
        let key = key.owned();
        self.0.insert(key.clone(), ());
        let value = body.await;
        self.0.remove(&key);
        value
    }
}

/// What the library hashes with: the function of std's `RandomState`, keyed as well.
#[derive(Debug, Clone)]
pub(crate) struct OurHash([u64; 2]);

impl Default for OurHash {
    fn default() -> Self {
        Self([0, 1].map(|n| RandomState::new().hash_one(n)))
    }
}

impl BuildHasher for OurHash {
    type Hasher = SipHasher13;

    #[inline]
    fn build_hasher(&self) -> SipHasher13 {
        let [one, other] = self.0;
        SipHasher13::new_with_keys(one, other)
    }
}

/// One flight without a key, on one thread: a follower waits for a notification, and reads the value.
#[derive(Debug, Default)]
pub(crate) struct Notification {
    in_flight: AtomicBool,
    value: AtomicU64,
    landed: Notify,
}

impl<K: Key> Contender<K> for Notification {
    async fn call(&self, _: K, body: Body) -> u64 {
        if self.in_flight.swap(true, Acquire) {
            self.landed.notified().await;
        } else {
            self.value.store(body.await, Release);
            self.in_flight.store(false, Release);
            self.landed.notify_waiters();
        }
        self.value.load(Acquire)
    }
}

/// The same, where each caller hashes its key, as one must that looks it up.
#[derive(Debug, Default)]
pub(crate) struct Hashing<S> {
    hasher: S,
    notification: Notification,
}

impl<K: Key, S: BuildHasher + Send + Sync + 'static> Contender<K> for Hashing<S> {
    async fn call(&self, key: K, body: Body) -> u64 {
        black_box(self.hasher.hash_one(key));
        self.notification.call(key, body).await
    }
}
