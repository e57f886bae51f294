// A connection is often taken by `&mut`.
use coalesced::coalesce;

struct Connection;

#[coalesce]
async fn fetch(connection: &mut Connection, id: u64) -> u64 {
    let _ = connection;
    id
}

fn main() {}
