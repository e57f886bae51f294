// What the refusals of functions and of what they return offer, word for word, each by its first way out.
#![deny(warnings)]

use coalesced::coalesce;
use std::sync::Arc;

// function-without-body
trait Fetch {
    fn fetch(&self, id: u64) -> impl Future<Output = u64>;
}

struct Users;

impl Fetch for Users {
    #[coalesce(skip(self))]
    async fn fetch(&self, id: u64) -> u64 {
        id
    }
}

// function-extern
extern "C" fn called_from_elsewhere(id: u64) -> u64 {
    futures::executor::block_on(called(id))
}

#[coalesce]
async fn called(id: u64) -> u64 {
    id
}

// item-not-a-function
struct Service {
    calls: coalesced::Registry,
}

impl Service {
    #[coalesce(registry = self.calls)]
    async fn by_id(&self, id: u64) -> u64 {
        id
    }

    // spawn-borrows
    #[coalesce(spawn, registry = self.calls)]
    async fn spawned(self: Arc<Self>, name: String) -> usize {
        name.len()
    }
}

// spawn-borrows, of a float or of what borrows
#[coalesce(detach)]
async fn detached(names: Arc<[String]>) -> usize {
    names.len()
}

// spawn-plain-function
#[coalesce(spawn)]
async fn of_an_async_function(id: u64) -> u64 {
    id
}

// spawn-not-send
#[coalesce(spawn)]
async fn sent(id: u64) -> u64 {
    let shared = Arc::new(id);
    std::future::ready(()).await;
    *shared
}

// return-borrowed, return-borrowed-inside
#[coalesce]
async fn owned(name: &str) -> String {
    name.to_owned()
}

#[coalesce]
async fn counted(name: &str) -> Arc<str> {
    name.into()
}

// return-not-clone, return-ok-not-clone, share-value-not-clone, clone-err-value-not-clone
#[derive(Clone)]
struct User(u64);

#[coalesce]
async fn user(id: u64) -> User {
    User(id)
}

#[coalesce]
async fn fallible(id: u64) -> Result<User, anyhow::Error> {
    Ok(User(id))
}

#[coalesce(share = ok)]
async fn only_ok(id: u64) -> Result<User, std::io::Error> {
    Ok(User(id))
}

#[coalesce(clone_err = |_| std::fmt::Error)]
async fn copied(id: u64) -> Result<User, std::fmt::Error> {
    Ok(User(id))
}

// return-impl-not-clone
#[derive(Clone)]
struct Page;

trait Answer {}

impl Answer for Page {}

#[coalesce]
async fn unnamed(id: u64) -> impl Answer {
    let _ = id;
    Page
}

// boxed-without-a-block, return-alias-of-a-future
#[coalesce]
async fn not_boxed(id: u64) -> u64 {
    id
}

// argument-of-a-macro-pattern
struct Id(u64);

macro_rules! id {
    ($name:ident) => {
        Id($name)
    };
}

#[coalesce]
async fn bound(Id(id): Id) -> u64 {
    id
}

#[coalesce(key = number.0)]
async fn chosen(number: Id) -> u64 {
    let id!(id) = number;
    id
}

fn main() {
    let service = Arc::new(Service {
        calls: coalesced::Registry::new(),
    });
    drop((Users.fetch(7), service.by_id(7), Arc::clone(&service).spawned(String::new())));
    drop((detached(Arc::default()), of_an_async_function(7), sent(7)));
    drop((owned(""), counted(""), user(7), fallible(7), only_ok(7), copied(7)));
    drop((unnamed(7), not_boxed(7), bound(Id(7)), chosen(Id(7))));
    assert_eq!(called_from_elsewhere(7), 7);
    let User(id) = futures::executor::block_on(user(7));
    assert_eq!(id, 7);
}
