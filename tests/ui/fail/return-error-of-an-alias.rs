// An alias hides the error's type, so all of it is pointed at.
use coalesced::coalesce;

struct Error;

type Result<T> = std::result::Result<T, Error>;

#[coalesce]
async fn fetch(id: u64) -> Result<u64> {
    Ok(id)
}

fn main() {}
