// The words of `#[instrument]` and of others, and a word that is not finished.
use coalesced::coalesce;

#[coalesce(skip_all)]
async fn skip_all(id: u64) -> u64 {
    id
}

#[coalesce(sha = ok)]
async fn unfinished(id: u64) -> Result<u64, String> {
    Ok(id)
}

fn main() {}
