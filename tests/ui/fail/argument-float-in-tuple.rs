// Coordinates come as a pair.
use coalesced::coalesce;

#[coalesce]
async fn weather(place: (f32, f32)) -> String {
    format!("{place:?}")
}

fn main() {}
