// The error is all right; of the value there is only one.
use coalesced::coalesce;

struct User;

#[coalesce]
async fn fetch(id: u64) -> Result<User, anyhow::Error> {
    let _ = id;
    Ok(User)
}

fn main() {}
