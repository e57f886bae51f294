// A list of borrowed names.
use coalesced::coalesce;

#[coalesce]
async fn fetch_all(names: &[&str]) -> usize {
    names.len()
}

fn main() {}
