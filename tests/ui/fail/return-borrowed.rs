// A getter that happens to be async.
use coalesced::coalesce;

#[coalesce]
async fn first(name: &str) -> &str {
    &name[..1]
}

fn main() {}
