// Futures by another name.
use coalesced::coalesce;
use futures::{FutureExt, future::BoxFuture};

#[coalesce]
fn unnamed(id: u64) -> impl Future<Output = u64> {
    async move { id }
}

#[coalesce]
fn boxed(id: u64) -> BoxFuture<'static, u64> {
    async move { id }.boxed()
}

#[coalesce]
async fn twice(id: u64) -> impl Future<Output = u64> {
    async move { id }
}

fn main() {}
