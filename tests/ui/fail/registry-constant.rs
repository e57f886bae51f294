// A constant looks like a static, but is a new value wherever it is named: nothing would ever be shared.
use coalesced::{Registry, coalesce};

const CALLS: Registry = Registry::new();

#[coalesce(registry = CALLS)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
