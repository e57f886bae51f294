// What may be in a transaction, by the words of its type or by its name.
use coalesced::coalesce;

struct PgPool;
struct Anything;
trait Executor {}
trait Run {}

#[coalesce]
async fn pool(pool: &PgPool, id: u64) -> u64 {
    let _ = pool;
    id
}

#[coalesce]
async fn executor(executor: impl Executor, id: u64) -> u64 {
    let _ = executor;
    id
}

#[coalesce]
async fn parameter<'e, E: Executor + 'e>(e: E, id: u64) -> u64 {
    let _ = e;
    id
}

#[coalesce]
async fn by_its_name(tx: &Anything, id: u64) -> u64 {
    let _ = tx;
    id
}

fn main() {}
