// A switch that is thrown as in other attributes.
use coalesced::coalesce;

#[coalesce(spawn = true)]
async fn fetch(id: u64) -> u64 {
    id
}

#[coalesce(hide(true))]
async fn hidden(id: u64) -> u64 {
    id
}

fn main() {}
