// An alias that only the compiler can look behind.
use coalesced::coalesce;
use std::pin::Pin;

type Fetched = Pin<Box<dyn Future<Output = u64> + Send>>;

#[coalesce]
fn fetch(id: u64) -> Fetched {
    Box::pin(async move { id })
}

fn main() {}
