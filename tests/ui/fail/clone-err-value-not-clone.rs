// The error is taken care of, the value is not.
use coalesced::coalesce;

struct Error;
struct User;

#[coalesce(clone_err = |_| Error)]
async fn fetch(id: u64) -> Result<User, Error> {
    let _ = id;
    Ok(User)
}

#[coalesce(clone_err = |_| Error)]
async fn of_one_thread(id: u64) -> Result<std::rc::Rc<u64>, Error> {
    Ok(id.into())
}

fn main() {}
