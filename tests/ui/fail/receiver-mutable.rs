// A method that changes its service is rarely one to share.
use coalesced::coalesce;

struct Users;

impl Users {
    #[coalesce]
    async fn fetch(&mut self, id: u64) -> u64 {
        id
    }
}

fn main() {}
