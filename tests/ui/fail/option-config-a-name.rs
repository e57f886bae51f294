// The name of a preset.
use coalesced::coalesce;

#[coalesce(config = "balanced")]
async fn quoted(id: u64) -> u64 {
    id
}

#[coalesce(config = low_latency)]
async fn word(id: u64) -> u64 {
    id
}

#[coalesce(config = 100)]
async fn number(id: u64) -> u64 {
    id
}

fn main() {}
