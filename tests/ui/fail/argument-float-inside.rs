// The float is inside another type, where only the compiler can see it.
use coalesced::coalesce;

#[coalesce]
async fn weather(height: Option<f64>) -> String {
    format!("{height:?}")
}

fn main() {}
