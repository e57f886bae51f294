// Flights are in one place.
use coalesced::{Group, Registry, coalesce};

static CALLS: Registry = Registry::new();
static USERS: Group<u64, u64> = Group::new();

#[coalesce(registry = CALLS, group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
