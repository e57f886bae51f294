// An error that does not convert.
use coalesced::coalesce;

#[coalesce]
async fn parse(text: String) -> Result<u64, u8> {
    let number: u64 = text.parse()?;
    Ok(number)
}

fn main() {}
