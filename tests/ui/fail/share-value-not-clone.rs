// An `Ok` is still shared.
use coalesced::coalesce;

struct User;

#[coalesce(share = ok)]
async fn fetch(id: u64) -> Result<User, std::io::Error> {
    let _ = id;
    Ok(User)
}

fn main() {}
