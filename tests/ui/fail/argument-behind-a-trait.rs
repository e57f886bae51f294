// Services are given what they call by its trait, so that tests can give them another.
use coalesced::{Registry, coalesce};
use std::sync::Arc;

trait Repo: Send + Sync {
    fn name(&self) -> String;
}

#[coalesce]
async fn referred(repo: &dyn Repo, id: u64) -> String {
    format!("{} {id}", repo.name())
}

#[coalesce]
async fn counted(repo: Arc<dyn Repo>, id: u64) -> String {
    format!("{} {id}", repo.name())
}

#[coalesce]
async fn boxed(users: Box<dyn Repo + Send>, id: u64) -> String {
    format!("{} {id}", users.name())
}

#[coalesce]
async fn any(repo: impl Repo, id: u64) -> String {
    format!("{} {id}", repo.name())
}

#[coalesce]
async fn parameter<R: Repo>(repo: &R, id: u64) -> String {
    format!("{} {id}", repo.name())
}

#[coalesce]
async fn computed(id: u64, compute: &(dyn Fn(u64) -> u64 + Sync)) -> u64 {
    compute(id)
}

struct Users {
    calls: Registry,
}

impl Users {
    #[coalesce(registry = self.calls)]
    async fn by_id(&self, repo: &dyn Repo, id: u64) -> String {
        format!("{} {id}", repo.name())
    }
}

fn main() {}
