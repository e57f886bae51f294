// What a transaction has not committed is not for other callers.
use coalesced::coalesce;

struct Transaction<'c>(&'c str);

#[coalesce(skip(tx))]
async fn fetch(tx: &mut Transaction<'_>, lang: &str, id: u64) -> u64 {
    tx.0.len() as u64 + lang.len() as u64 + id
}

#[coalesce(skip(tx, lang))]
async fn count(tx: &Transaction<'_>, lang: &str) -> usize {
    tx.0.len() + lang.len()
}

#[coalesce]
async fn alone(tx: &mut Transaction<'_>) -> usize {
    tx.0.len()
}

fn main() {}
