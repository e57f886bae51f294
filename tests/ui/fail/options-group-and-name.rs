// The group has a name already.
use coalesced::{Group, coalesce};

static USERS: Group<u64, u64> = Group::new();

#[coalesce(group = USERS, name = "users")]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
