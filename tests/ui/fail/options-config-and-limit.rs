// A preset, and one limit more.
use coalesced::{Config, coalesce};

#[coalesce(config = Config::balanced(), max_followers = 10)]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
