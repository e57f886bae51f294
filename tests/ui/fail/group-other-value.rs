// The group's value is not what the function returns.
use coalesced::{Group, coalesce};

static USERS: Group<u64, String> = Group::new();

#[coalesce(group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
