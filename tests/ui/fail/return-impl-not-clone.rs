// A type without a name is held to the same.
use coalesced::coalesce;

struct Page;

trait Answer {}

impl Answer for Page {}

#[coalesce]
async fn handler(id: u64) -> impl Answer {
    let _ = id;
    Page
}

fn main() {}
