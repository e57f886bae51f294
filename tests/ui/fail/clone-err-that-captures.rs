// A closure that needs an argument is another one for each call.
use coalesced::coalesce;

#[derive(Debug)]
struct Error(String);

#[coalesce(skip(prefix), clone_err = |error: &Error| Error(format!("{prefix}{}", error.0)))]
async fn fetch(prefix: String, id: u64) -> Result<u64, Error> {
    let _ = prefix;
    Ok(id)
}

fn main() {}
