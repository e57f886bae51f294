// Two ways to deal with an error that is not `Clone`.
use coalesced::coalesce;

#[coalesce(share = ok, clone_err = copy)]
async fn fetch(id: u64) -> Result<u64, std::io::Error> {
    Ok(id)
}

fn copy(error: &std::io::Error) -> std::io::Error {
    error.kind().into()
}

fn main() {}
