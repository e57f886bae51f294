// What the refusals of options and of what is returned offer, word for word, each by its first way out.
#![deny(warnings)]

use coalesced::{Config, coalesce};
use futures::future::BoxFuture;
use std::time::Duration;

// attribute-twice
#[coalesce(key = id, max_followers = 100)]
async fn once(id: u64) -> u64 {
    id
}

// option-with-a-value
#[coalesce(spawn)]
async fn spawned(id: u64) -> u64 {
    id
}

// option-config-a-name
#[coalesce(config = coalesced::Config::balanced())]
async fn balanced(id: u64) -> u64 {
    id
}

// limit-of-an-argument
const PATIENCE: Duration = Duration::from_millis(100);
const CONFIG: Config = Config::low_latency();

#[coalesce(max_wait = PATIENCE)]
async fn patient(id: u64) -> u64 {
    id
}

#[coalesce(config = CONFIG)]
async fn configured(id: u64) -> u64 {
    id
}

// return-future
#[coalesce]
async fn unnamed(id: u64) -> u64 {
    id
}

#[coalesce]
fn boxed(id: u64) -> BoxFuture<'static, u64> {
    Box::pin(async move { id })
}

fn main() {
    drop((once(7), spawned(7), balanced(7), patient(7), configured(7)));
    drop((unnamed(7), boxed(7)));
}
