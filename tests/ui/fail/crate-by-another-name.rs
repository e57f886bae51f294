// The library is there under another name, or under none.
#[coalesced::coalesce(crate = ::singleflight)]
async fn fetch(id: u64, name: &str) -> Result<u64, String> {
    Ok(id + name.len() as u64)
}

fn main() {}
