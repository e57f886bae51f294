// An associated function without a receiver.
use coalesced::{Group, coalesce};

struct Users {
    flights: Group<u64, u64>,
}

impl Users {
    #[coalesce(group = self.flights)]
    async fn fetch(id: u64) -> u64 {
        id
    }
}

fn main() {}
