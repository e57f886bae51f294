// What the refusals of keys offer, word for word: `tests/ui/fail/key-*.rs`, each by its first way out.
#![deny(warnings)]

use coalesced::coalesce;

const TENANT: u64 = 1;

fn tenant() -> u64 {
    TENANT
}

#[coalesce(key = id)]
async fn quoted(id: u64) -> u64 {
    id
}

#[coalesce(key = format!("user:{id}"))]
async fn formatted(id: u64) -> u64 {
    id
}

#[coalesce]
async fn left_out(id: u64) -> u64 {
    id
}

#[coalesce(key = ())]
async fn one_for_all(id: u64) -> u64 {
    id
}

#[coalesce(key = *id)]
async fn no_closure(id: &u64) -> u64 {
    *id
}

#[coalesce(key = (TENANT, "users", id))]
async fn tuple(id: u64) -> u64 {
    id
}

#[coalesce(key = (tenant(), id))]
async fn computed(id: u64) -> u64 {
    id
}

#[coalesce(key = (tenant(), ()))]
async fn computed_alone(id: u64) -> u64 {
    id
}

// Named where only a macro, a method or a block sees it.
#[coalesce(key = format!("{:>width$}", 7))]
async fn in_a_width(width: usize) -> usize {
    width
}

#[coalesce(key = vec![0..id])]
async fn in_a_range(id: u64) -> u64 {
    id
}

#[coalesce(key = { let id = format!("{type:?}"); id })]
async fn in_a_block(r#type: u64) -> u64 {
    r#type
}

struct Users {
    region: u64,
}

impl Users {
    #[coalesce(key = self.region)]
    async fn of_a_region(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    drop((quoted(7), formatted(7), left_out(7), one_for_all(7)));
    drop((no_closure(&7), tuple(7), computed(7), computed_alone(7)));
    drop((in_a_width(7), in_a_range(7), in_a_block(7)));
    drop(Users { region: 7 }.of_a_region(7));
}
