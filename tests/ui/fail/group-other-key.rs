// The group's key is not what the function is called with.
use coalesced::{Group, coalesce};

static USERS: Group<String, u64> = Group::new();

#[coalesce(group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
