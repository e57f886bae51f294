// The borrow checker still calls variables by their names.
use coalesced::coalesce;

#[coalesce]
async fn fetch(name: String) -> usize {
    drop(name);
    name.len()
}

fn main() {}
