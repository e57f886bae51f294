// A limit that is another for each call, or for each owner.
use coalesced::coalesce;
use std::time::Duration;

#[coalesce(max_wait = patience)]
async fn by_argument(id: u64, patience: Duration) -> u64 {
    let _ = patience;
    id
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Users {
    most: usize,
}

impl Users {
    #[coalesce(max_followers = self.most)]
    async fn by_owner(&self, id: u64) -> u64 {
        id
    }

    #[coalesce(config = coalesced::Config::new().max_followers(self.most))]
    async fn by_config(&self, id: u64) -> u64 {
        id
    }
}

fn main() {}
