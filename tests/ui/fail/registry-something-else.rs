// Any field that looks like it.
use coalesced::{Group, coalesce};

struct Users {
    calls: Group<u64, u64>,
}

impl Users {
    #[coalesce(registry = self.calls)]
    async fn fetch(&self, id: u64) -> u64 {
        id
    }
}

#[coalesce(registry = USERS)]
async fn of_a_static(id: u64) -> u64 {
    id
}

static USERS: Group<u64, u64> = Group::new();

fn main() {}
