// Rows as they come.
use coalesced::coalesce;
use futures::stream::{BoxStream, Stream, StreamExt, iter, once};

#[coalesce]
async fn boxed(id: u64) -> BoxStream<'static, u64> {
    iter([id]).boxed()
}

#[coalesce]
async fn unnamed(id: u64) -> impl Stream<Item = u64> {
    once(async move { id })
}

fn main() {}
