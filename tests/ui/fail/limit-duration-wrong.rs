// Durations that are none.
use coalesced::coalesce;

#[coalesce(max_wait = "100")]
async fn without_a_unit(id: u64) -> u64 {
    id
}

#[coalesce(max_wait = "100 millis", max_age = "1.5.0s")]
async fn with_another_unit(id: u64) -> u64 {
    id
}

#[coalesce(max_age = 50)]
async fn a_number(id: u64) -> u64 {
    id
}

#[coalesce(max_age = "0ms")]
async fn no_time(id: u64) -> u64 {
    id
}

#[coalesce(max_age = "99999999999h")]
async fn too_long(id: u64) -> u64 {
    id
}

#[coalesce(max_age = "")]
async fn nothing(id: u64) -> u64 {
    id
}

fn main() {}
