// A constant looks like a static, but is a new value wherever it is named.
use coalesced::{Group, coalesce};

const USERS: Group<u64, u64> = Group::new();

#[coalesce(group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
