// What `main` returns in every tutorial; callers may be on other threads.
use coalesced::coalesce;
use std::error::Error;

#[coalesce]
async fn fetch(id: u64) -> Result<u64, Box<dyn Error>> {
    Ok(id)
}

#[coalesce]
async fn answer(id: u64) -> Result<u64, axum::response::Response> {
    Ok(id)
}

fn main() {}
