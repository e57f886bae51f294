// A price is a natural thing to look something up by.
use coalesced::coalesce;

#[coalesce]
async fn quote(symbol: String, price: f64) -> u64 {
    symbol.len() as u64 + price as u64
}

fn main() {}
