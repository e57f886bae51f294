// A guess at what else there could be.
use coalesced::coalesce;

#[coalesce(share = all)]
async fn fetch(id: u64) -> Result<u64, String> {
    Ok(id)
}

fn main() {}
