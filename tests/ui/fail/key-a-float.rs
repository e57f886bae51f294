// An argument that is named as it is.
use coalesced::coalesce;

#[coalesce(key = (symbol, price))]
async fn quote(symbol: &str, price: f64, trace: u64) -> u64 {
    symbol.len() as u64 + price as u64 + trace
}

#[coalesce(key = height)]
async fn weather(height: Option<f32>) -> String {
    format!("{height:?}")
}

#[coalesce(key = names)]
async fn fetch_all(names: &[&str]) -> usize {
    names.len()
}

fn main() {}
