// Messages write `..` where the other arguments are to stand, and it is a value that can be hashed.
use coalesced::{Registry, coalesce};
use std::collections::HashMap;

struct User {
    id: u64,
    calls: Registry,
}

#[coalesce(key = (user.id, ..))]
async fn localized(user: &User, lang: &str, page: u64) -> u64 {
    user.id + lang.len() as u64 + page
}

#[coalesce(key = (user.id, ..))]
async fn alone(user: &User) -> u64 {
    user.id
}

#[coalesce(key = (user.as_ref().map(|user| user.id), ..))]
async fn optional(user: Option<&User>, price: f64) -> u64 {
    user.map_or(0, |user| user.id) + price as u64
}

#[coalesce(key = (map.clone().into_iter().collect::<std::collections::BTreeMap<_, _>>(), ..))]
async fn filtered(map: HashMap<String, String>, page: usize) -> usize {
    map.len() + page
}

#[coalesce(registry = user.calls, key = (lang, ..))]
async fn owned(user: &User, lang: &str, page: u64) -> u64 {
    user.id + lang.len() as u64 + page
}

#[coalesce(key = (tenant, ..))]
async fn of_a_tenant(tenant: u64, client: &str, page: u64) -> u64 {
    tenant + client.len() as u64 + page
}

fn main() {}
