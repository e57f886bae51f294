// Most crates have one error type, which holds errors of others that exist once.
use coalesced::coalesce;

#[derive(Debug)]
enum Error {
    NotFound,
    Database(std::fmt::Error, std::sync::Mutex<()>),
}

#[coalesce]
async fn fetch(id: u64) -> Result<String, Error> {
    let _ = (id, Error::Database(std::fmt::Error, std::sync::Mutex::new(())));
    Err(Error::NotFound)
}

fn main() {}
