// Limits are the group's.
use coalesced::{Config, Group, coalesce};

static USERS: Group<u64, u64> = Group::new();

#[coalesce(group = USERS, max_age = "50ms")]
async fn by_limit(id: u64) -> u64 {
    id
}

#[coalesce(group = USERS, config = Config::balanced())]
async fn by_config(id: u64) -> u64 {
    id
}

fn main() {}
