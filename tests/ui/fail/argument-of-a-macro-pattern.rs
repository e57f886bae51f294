// What a macro binds is not seen by an attribute.
use coalesced::coalesce;

struct Id(u64);

macro_rules! id {
    ($id:ident) => {
        Id($id)
    };
}

#[coalesce]
async fn fetch(id!(id): Id) -> u64 {
    id
}

fn main() {}
