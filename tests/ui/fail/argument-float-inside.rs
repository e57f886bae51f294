// Floats in what the standard library puts around them.
use axum::extract::Path;
use coalesced::coalesce;

#[coalesce]
async fn optional(height: Option<f64>) -> String {
    format!("{height:?}")
}

#[coalesce]
async fn list(symbol: &str, prices: Vec<f64>) -> String {
    format!("{symbol} {prices:?}")
}

#[coalesce]
async fn referred(price: &f64, prices: &[f32]) -> String {
    format!("{price} {prices:?}")
}

#[coalesce]
async fn pairs(places: &[(String, f64)], range: Option<(f64, f64)>) -> String {
    format!("{places:?} {range:?}")
}

#[coalesce]
async fn pattern((latitude, longitude): (f64, f64)) -> String {
    format!("{latitude} {longitude}")
}

#[coalesce]
async fn extractor(Path((id, price)): Path<(u64, f64)>) -> String {
    format!("{id} {price}")
}

#[coalesce(skip(size))]
async fn some_skipped(size: f64, price: f64, id: u64) -> String {
    format!("{size} {price} {id}")
}

struct Shop;

impl Shop {
    #[coalesce]
    async fn method(&self, price: f64) -> String {
        format!("{price}")
    }
}

fn main() {}
