// A constant looks like a static, but is a new value wherever it is named.
use coalesced::{Group, coalesce};

struct Users;

impl Users {
    const FLIGHTS: Group<u64, u64> = Group::new();

    #[coalesce(group = Self::FLIGHTS)]
    async fn fetch(id: u64) -> u64 {
        id
    }
}

fn main() {}
