//! The crates that do the same, or have it among what they do; each used as its documentation says.
//!
//! Where a crate asks for an owned key, it is made for each call. Caches are given no room, so that
//! they share and do not keep.

use std::{
    convert::Infallible,
    future::Future,
    sync::Arc,
    task::{Context, Poll},
};

use cached::macros::cached;
use futures_util::{FutureExt, future::NeverError};
use request_coalescer::CoalescingService;
use tower_resilience_coalesce::{CoalesceConfig, CoalesceService};
use tower_service::Service;

use crate::{
    body::Body,
    contender::Contender,
    key::{Key, Memoised, Text},
};

pub(crate) struct Uniflight<K: Key>(uniflight::Merger<K::Owned, u64>);

impl<K: Key> Uniflight<K> {
    pub(crate) fn new() -> Self {
        Self(uniflight::Merger::new())
    }
}

impl<K: Key> Contender<K> for Uniflight<K> {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        let flight = self.0.execute(&key.owned(), move || body);
        async { flight.await.expect("no body panics") }
    }
}

pub(crate) struct RsSingleflight<K: Key>(rs_singleflight::Group<K::Owned, u64, Infallible>);

impl<K: Key> RsSingleflight<K> {
    pub(crate) fn new() -> Self {
        Self(rs_singleflight::Group::new())
    }
}

impl<K: Key> Contender<K> for RsSingleflight<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        let operation = move || async { Ok(body.await) };
        let Ok(value) = self.0.do_call(key.owned(), operation).await;
        value
    }
}

pub(crate) struct SingleflightAsync<K: Key>(singleflight_async::SingleFlight<K::Owned, u64>);

impl<K: Key> SingleflightAsync<K> {
    pub(crate) fn new() -> Self {
        Self(singleflight_async::SingleFlight::new())
    }
}

impl<K: Key> Contender<K> for SingleflightAsync<K> {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        self.0.work(key.owned(), move || body)
    }
}

pub(crate) struct AsyncSingleflight<K: Key>(async_singleflight::UnaryGroup<K::Owned, u64>);

impl<K: Key> AsyncSingleflight<K> {
    pub(crate) fn new() -> Self {
        Self(async_singleflight::UnaryGroup::new())
    }
}

impl<K: Key> Contender<K> for AsyncSingleflight<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        self.0.work(&key.owned(), body).await
    }
}

pub(crate) struct Asyncband<K: Key>(asyncband::singleflight::Group<K::Owned, u64>);

impl<K: Key> Asyncband<K> {
    pub(crate) fn new() -> Self {
        Self(asyncband::singleflight::Group::new())
    }
}

impl<K: Key> Contender<K> for Asyncband<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        self.0.work(key.owned(), async || body.await).await
    }
}

pub(crate) struct QuickCache<K: Key>(quick_cache::sync::Cache<K::Owned, u64>);

impl<K: Key> QuickCache<K> {
    pub(crate) fn new() -> Self {
        Self(quick_cache::sync::Cache::new(0))
    }
}

impl<K: Key> Contender<K> for QuickCache<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        let body = async { Ok::<_, Infallible>(body.await) };
        let Ok(value) = self.0.get_or_insert_async(&key.owned(), body).await;
        value
    }
}

pub(crate) struct Moka<K: Key>(moka::future::Cache<K::Owned, u64>);

impl<K: Key> Moka<K> {
    pub(crate) fn new() -> Self {
        Self(moka::future::Cache::new(0))
    }
}

impl<K: Key> Contender<K> for Moka<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        self.0.get_with(key.owned(), body).await
    }
}

/// The least room that it can be given is one value.
#[derive(Debug)]
pub(crate) struct Cached;

impl Memoised for u64 {
    fn memoised(self, body: Body) -> impl Future<Output = u64> + Send {
        by_number(self, body)
    }
}

impl Memoised for Text {
    fn memoised(self, body: Body) -> impl Future<Output = u64> + Send {
        by_text(self.0, self.1, body)
    }
}

#[cached(max_size = 1, sync_writes = "by_key", key = "u64", convert = "{ _id }")]
async fn by_number(_id: u64, body: Body) -> u64 {
    body.await
}

#[cached(
    max_size = 1,
    sync_writes = "by_key",
    key = "(u64, String)",
    convert = "{ (_tenant, _name.to_owned()) }"
)]
async fn by_text(_tenant: u64, _name: &'static str, body: Body) -> u64 {
    body.await
}

impl<K: Key> Contender<K> for Cached {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        key.memoised(body)
    }
}

pub(crate) struct RequestCoalescer<K: Key>(CoalescingService<K::Owned, u64>);

impl<K: Key> RequestCoalescer<K> {
    pub(crate) fn new() -> Self {
        Self(CoalescingService::new())
    }
}

impl<K: Key> Contender<K> for RequestCoalescer<K> {
    async fn call(&self, key: K, body: Body) -> u64 {
        let operation = move || async { Ok(body.await) };
        *self
            .0
            .execute(key.owned(), operation)
            .await
            .expect("no body fails")
    }
}

type Request<K> = (<K as Key>::Owned, Body);

/// The service below the layer.
#[derive(Debug, Clone)]
pub(crate) struct Bodies;

impl<O> Service<(O, Body)> for Bodies {
    type Response = u64;
    type Error = Infallible;
    type Future = NeverError<Body>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (_, body): (O, Body)) -> NeverError<Body> {
        body.never_error()
    }
}

type Extractor<K> = fn(&Request<K>) -> <K as Key>::Owned;

pub(crate) struct TowerResilience<K: Key>(
    CoalesceService<Bodies, K::Owned, Request<K>, Extractor<K>>,
);

impl<K: Key> TowerResilience<K> {
    pub(crate) fn new() -> Self {
        let extractor: Extractor<K> = |(key, _)| key.clone();
        let config = CoalesceConfig::new(extractor);
        Self(CoalesceService::new(Bodies, Arc::new(config)))
    }
}

impl<K: Key> Contender<K> for TowerResilience<K> {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        // A service is cloned for each request, as a server does.
        let answer = self.0.clone().call((key.owned(), body));
        async { answer.await.expect("no body fails") }
    }
}
