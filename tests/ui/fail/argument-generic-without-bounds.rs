// The bounds are the function's to state.
use coalesced::coalesce;

#[coalesce]
async fn describe<T>(thing: T) -> u64 {
    let _ = thing;
    0
}

fn main() {}
