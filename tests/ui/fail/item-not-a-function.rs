// On the type instead of on its functions.
use coalesced::coalesce;

#[coalesce]
pub struct Users {
    pub count: u64,
}

#[coalesce]
impl Users {
    fn fetch(&self) -> u64 {
        self.count
    }
}

fn main() {
    println!("{}", Users { count: 0 }.fetch());
}
