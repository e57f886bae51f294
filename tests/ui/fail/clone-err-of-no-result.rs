// There is no error in it.
use coalesced::coalesce;

#[coalesce(clone_err = |error: &String| error.clone())]
async fn fetch(id: u64) -> u64 {
    id
}

type Answer = u64;

#[coalesce(clone_err = |error: &String| error.clone())]
async fn by_an_alias(id: u64) -> Answer {
    id
}

fn main() {}
