// A new registry for each call would never share anything.
use coalesced::{Registry, coalesce};

#[coalesce(registry = Registry::new())]
async fn fetch(id: u64) -> u64 {
    id
}

#[coalesce(registry = self.calls())]
async fn by_method(id: u64) -> u64 {
    id
}

fn main() {}
