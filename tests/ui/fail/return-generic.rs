// The bounds are the function's to state.
use coalesced::coalesce;

#[coalesce]
async fn fetch<T: Default>(id: u64) -> T {
    let _ = id;
    T::default()
}

#[coalesce]
async fn list<T: Default>(id: u64) -> Vec<T> {
    let _ = id;
    vec![T::default()]
}

fn main() {}
