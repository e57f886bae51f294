// A new group for each call would never share anything.
use coalesced::{Group, coalesce};

#[coalesce(group = Group::new())]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
