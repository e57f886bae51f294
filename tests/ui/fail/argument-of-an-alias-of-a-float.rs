// The float is behind a name, where only the compiler can see it.
use coalesced::coalesce;

type Height = f64;

#[derive(Clone, PartialEq)]
struct Point {
    x: f64,
}

#[coalesce]
async fn weather(height: Option<Height>) -> String {
    format!("{height:?}")
}

#[coalesce]
async fn map(point: Point) -> String {
    format!("{:?}", point.x)
}

fn main() {}
