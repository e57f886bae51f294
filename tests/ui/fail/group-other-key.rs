// The group's key is not what the function is called with.
use coalesced::{Group, coalesce};

static USERS: Group<String, u64> = Group::new();

#[coalesce(group = USERS)]
async fn fetch(id: u64) -> u64 {
    id
}

static ORDERS: Group<(u64, String), u64> = Group::new();

#[coalesce(group = ORDERS)]
async fn in_another_order(name: &str, id: u64) -> u64 {
    id + name.len() as u64
}

struct Users {
    by_id: Group<u64, u64>,
}

impl Users {
    #[coalesce(group = self.by_id)]
    fn with_more(&self, id: u64, page: Option<u32>) -> u64 {
        id + u64::from(page.unwrap_or(0))
    }
}

fn main() {}
