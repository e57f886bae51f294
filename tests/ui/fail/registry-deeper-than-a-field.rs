// A handle that goes through its client: what else it has may decide the result, so it stays in the key.
use coalesced::{Registry, coalesce};

struct Client {
    calls: Registry,
}

struct Repository {
    client: Client,
    repo: String,
}

impl Repository {
    #[coalesce(registry = self.client.calls)]
    async fn issue(&self, number: u64) -> String {
        format!("{} {number}", self.repo)
    }
}

fn main() {}
