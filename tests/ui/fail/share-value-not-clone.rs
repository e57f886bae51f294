// An `Ok` is still shared.
use coalesced::coalesce;

struct User;

#[coalesce(share = ok)]
async fn fetch(id: u64) -> Result<User, std::io::Error> {
    let _ = id;
    Ok(User)
}

#[coalesce(share = ok)]
async fn of_one_thread(id: u64) -> Result<std::rc::Rc<u64>, std::io::Error> {
    Ok(id.into())
}

fn main() {}
