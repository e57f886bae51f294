// A connection is often taken by `&mut`.
use coalesced::coalesce;

struct Connection;
struct Transaction;
struct App {
    calls: coalesced::Registry,
}

#[coalesce]
async fn fetch(connection: &mut Connection, id: u64) -> u64 {
    let _ = connection;
    id
}

#[coalesce]
async fn fill(list: &mut Vec<u64>, id: u64, price: f64) {
    list.push(id + price as u64);
}

#[coalesce]
async fn count(connection: &mut Connection) -> u64 {
    let _ = connection;
    7
}

#[coalesce]
async fn price(tx: &mut Transaction, id: u64) -> u64 {
    let _ = tx;
    id
}

impl App {
    #[coalesce(registry = self.calls)]
    async fn of_an_app(&self, tx: &mut Transaction, id: u64) -> u64 {
        let _ = tx;
        id
    }
}

fn main() {}
