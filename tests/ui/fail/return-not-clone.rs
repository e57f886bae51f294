// A value that exists once cannot be given to many.
use coalesced::coalesce;

struct User;

#[coalesce]
async fn fetch(id: u64) -> User {
    let _ = id;
    User
}

fn main() {}
