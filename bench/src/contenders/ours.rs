//! This library: by the attribute, and by a group that the caller owns.

use std::future::Future;

use coalesced::{Group, coalesce};

use crate::{
    body::Body,
    contender::Contender,
    key::{Annotated, Key, Text},
};

#[derive(Debug)]
pub(crate) struct Attribute;

impl Annotated for u64 {
    fn annotated(self, body: Body) -> impl Future<Output = u64> + Send {
        #[coalesce(key = id)]
        async fn by_number(id: u64, body: Body) -> u64 {
            body.await
        }
        by_number(self, body)
    }
}

impl Annotated for Text {
    fn annotated(self, body: Body) -> impl Future<Output = u64> + Send {
        #[coalesce(key = (tenant, name))]
        async fn by_text(tenant: u64, name: &str, body: Body) -> u64 {
            body.await
        }
        by_text(self.0, self.1, body)
    }
}

impl<K: Key> Contender<K> for Attribute {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        key.annotated(body)
    }
}

impl<K: Key> Contender<K> for Group<K::Owned, u64> {
    fn call(&self, key: K, body: Body) -> impl Future<Output = u64> + Send {
        self.call(key, body)
    }
}
