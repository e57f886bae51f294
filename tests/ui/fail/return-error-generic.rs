// Nothing is said of the error.
use coalesced::coalesce;

#[coalesce(key = ())]
async fn fetch<E: Failing>() -> Result<u64, E> {
    Err(E::new())
}

trait Failing {
    fn new() -> Self;
}

fn main() {}
