// There is no error in it.
use coalesced::coalesce;

#[coalesce(clone_err = |error: &String| error.clone())]
async fn fetch(id: u64) -> u64 {
    id
}

fn main() {}
