// A unit of work: two of them, with clones of one registry, saw what the other's transaction had not committed.
use coalesced::{Registry, coalesce};

struct UnitOfWork<'t> {
    transaction: &'t mut u64,
    calls: Registry,
}

impl UnitOfWork<'_> {
    #[coalesce(registry = self.calls)]
    async fn due(&mut self, customer: u64) -> u64 {
        *self.transaction + customer
    }
}

#[coalesce(registry = work.calls)]
async fn paid(work: &mut UnitOfWork<'_>, customer: u64) -> u64 {
    *work.transaction + customer
}

fn main() {}
