// Any field that looks like it.
use coalesced::{Group, coalesce};

struct Users {
    calls: Group<u64, u64>,
}

impl Users {
    #[coalesce(registry = self.calls)]
    async fn fetch(&self, id: u64) -> u64 {
        id
    }
}

fn main() {}
