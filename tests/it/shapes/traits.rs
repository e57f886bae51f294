//! Methods of traits, with a body there or where they are implemented.

use super::run;
use coalesced::coalesce;

trait Store {
    fn table(&self) -> &'static str;

    #[coalesce(key = (self.table(), id))]
    async fn fetch(&self, id: u64) -> String {
        format!("{} {id}", self.table())
    }

    async fn required(&self, id: u64) -> u64;
}

struct Users;
struct Orders;

impl Store for Users {
    fn table(&self) -> &'static str {
        "users"
    }

    #[coalesce(skip(self))]
    async fn required(&self, id: u64) -> u64 {
        id
    }
}

impl Store for Orders {
    fn table(&self) -> &'static str {
        "orders"
    }

    #[coalesce(skip(self))]
    async fn fetch(&self, id: u64) -> String {
        id.to_string()
    }

    #[coalesce(skip(self))]
    async fn required(&self, id: u64) -> u64 {
        id + 1
    }
}

#[test]
fn traits() {
    assert_eq!(run(Users.fetch(1)), "users 1");
    assert_eq!(run(Orders.fetch(1)), "1");
    assert_eq!((run(Users.required(1)), run(Orders.required(1))), (1, 2));
}
