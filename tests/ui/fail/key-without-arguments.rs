// A key that names nothing of the call gives the first caller's answer to all.
use coalesced::coalesce;

const TENANT: u64 = 1;

fn tenant() -> u64 {
    TENANT
}

#[coalesce(key = "id")]
async fn quoted(id: u64) -> u64 {
    id
}

#[coalesce(key = "{id}")]
async fn quoted_in_braces(id: u64) -> u64 {
    id
}

#[coalesce(key = "users")]
async fn text(id: u64) -> u64 {
    id
}

#[coalesce(key = 7)]
async fn number(id: u64) -> u64 {
    id
}

#[coalesce(key = TENANT)]
async fn constant(id: u64) -> u64 {
    id
}

#[coalesce(key = idd)]
async fn misspelled(id: u64) -> u64 {
    id
}

#[coalesce(key = { id; })]
async fn unit(id: u64) -> u64 {
    id
}

#[coalesce(key = |id: &u64| *id)]
async fn closure(id: u64) -> u64 {
    id
}

#[coalesce(key = (TENANT, "users"))]
async fn tuple(id: u64) -> u64 {
    id
}

#[coalesce(key = tenant())]
async fn computed(id: u64) -> u64 {
    id
}

#[coalesce(key = format!("user {{id}}"))]
async fn escaped(id: u64) -> u64 {
    id
}

struct Users;

impl Users {
    #[coalesce(key = 7)]
    async fn of_all(&self) -> u64 {
        7
    }
}

#[coalesce(key = map.clone().into_iter().collect::<std::collections::BTreeMap<_, _>>())]
async fn of_another(
    filters: std::collections::HashMap<String, String>,
    page: usize,
    price: f64,
) -> usize {
    filters.len() + page + price as usize
}

fn main() {}
