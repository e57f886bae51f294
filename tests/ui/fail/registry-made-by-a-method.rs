// A trait's method that makes a registry, or another thing: a new one with each call would never share.
use coalesced::{Group, Registry, coalesce};

trait Repo {
    fn calls(&self) -> Registry {
        Registry::new()
    }

    fn flights(&self) -> &Group<u64, u64>;

    #[coalesce(registry = self.calls())]
    async fn made(&self, id: u64) -> u64 {
        id
    }

    #[coalesce(registry = self.flights())]
    async fn no_registry(&self, id: u64) -> u64 {
        id
    }

    #[coalesce(group = self.flights())]
    async fn other_values(&self, id: u64) -> String {
        id.to_string()
    }

    #[coalesce(registry = self.named("calls"))]
    async fn with_arguments(&self, id: u64) -> u64 {
        id
    }
}

fn main() {}
