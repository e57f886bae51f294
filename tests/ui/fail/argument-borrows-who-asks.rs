// A resolver's context, and a transaction, that have a lifetime of their own: what is skipped decides the result.
use coalesced::coalesce;

struct Context<'a>(&'a u64);

struct Transaction<'c>(&'c u64);

#[coalesce]
async fn viewer(ctx: &Context<'_>) -> u64 {
    *ctx.0
}

#[coalesce]
async fn due(tx: Transaction<'_>, customer: u64) -> u64 {
    *tx.0 + customer
}

fn main() {}
