// A hash map has no order.
use coalesced::coalesce;
use std::collections::{HashMap, HashSet};

#[coalesce]
async fn filter(filters: HashMap<String, String>) -> usize {
    filters.len()
}

#[coalesce]
async fn all(ids: &HashSet<u64>) -> usize {
    ids.len()
}

fn main() {}
