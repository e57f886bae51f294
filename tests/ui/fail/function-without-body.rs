// The trait looks like the place for it.
use coalesced::coalesce;

trait Users {
    #[coalesce]
    async fn fetch(&self, id: u64) -> u64;
}

fn main() {}
