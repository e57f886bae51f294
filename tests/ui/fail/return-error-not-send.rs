// What `main` returns in every tutorial; callers may be on other threads.
use coalesced::coalesce;
use std::error::Error;

#[coalesce]
async fn fetch(id: u64) -> Result<u64, Box<dyn Error>> {
    Ok(id)
}

fn main() {}
