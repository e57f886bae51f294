// A constant looks like a static, but is a new value wherever it is named.
use coalesced::{Registry, coalesce};

struct Users;

impl Users {
    const CALLS: Registry = Registry::new();

    #[coalesce(registry = Self::CALLS)]
    async fn fetch(id: u64) -> u64 {
        id
    }
}

fn main() {}
