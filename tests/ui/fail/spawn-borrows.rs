// A task of its own cannot borrow from its caller.
use coalesced::coalesce;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Users;

impl Users {
    #[coalesce(spawn)]
    async fn fetch(&self, name: &str) -> usize {
        name.len()
    }
}

#[coalesce(detach)]
async fn fetch(names: Vec<&str>) -> usize {
    names.len()
}

fn main() {}
