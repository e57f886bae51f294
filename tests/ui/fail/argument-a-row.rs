// A row is at hand, of which its id would do.
use coalesced::coalesce;
use std::sync::Arc;

struct User {
    id: u64,
    rate: f64,
}

#[coalesce]
async fn orders(user: &User, page: u32) -> u64 {
    user.id + u64::from(page) + user.rate as u64
}

#[coalesce]
async fn shared(user: Arc<User>) -> u64 {
    user.id
}

#[coalesce]
async fn optional(user: Option<&User>, page: u32) -> u64 {
    user.map_or(0, |user| user.id) + u64::from(page)
}

struct OrderFilter {
    from: u64,
}

#[coalesce]
async fn filtered(filter: &OrderFilter) -> u64 {
    filter.from
}

fn main() {}
