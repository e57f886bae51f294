// A service with a pool in it, and no thought given to `self`.
use coalesced::coalesce;

struct Users {
    pool: (),
}

impl Users {
    #[coalesce]
    async fn fetch(&self, id: u64) -> u64 {
        let () = self.pool;
        id
    }
}

trait Repo {
    #[coalesce]
    async fn name(&self, lang: &str, id: u64) -> u64 {
        lang.len() as u64 + id
    }
}

fn main() {}
