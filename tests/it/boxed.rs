//! Under `#[async_trait]`, as services with a `dyn Repo` are written.

#![deny(warnings, clippy::all, clippy::pedantic)]

use crate::support::Gate;
use async_trait::async_trait;
use coalesced::{Group, coalesce, groups};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio_test::{assert_pending, assert_ready_eq, task};

#[async_trait]
trait Repo: Send + Sync {
    fn table(&self) -> &str;

    async fn fetch(&self, gate: &Gate, id: u64, name: &str) -> Result<String, String>;

    /// With a body in the trait.
    #[coalesce(key = (self.table(), gate.id, id))]
    async fn count(&self, gate: &Gate, id: u64) -> u64 {
        gate.pass().await;
        id
    }
}

struct Sql {
    table: String,
    flights: Group<(u64, u64, String), Result<String, String>>,
}

#[async_trait]
impl Repo for Sql {
    fn table(&self) -> &str {
        &self.table
    }

    /// With the flights in a field.
    #[coalesce(group = self.flights, key = (gate.id, id, name))]
    async fn fetch(&self, gate: &Gate, id: u64, name: &str) -> Result<String, String> {
        gate.pass().await;
        if name.is_empty() {
            return Err("no name".to_owned());
        }
        let id: u64 = id.to_string().parse().map_err(|_| "no number")?;
        Ok(format!("{} {id} {name}", self.table))
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Memory(String);

#[async_trait]
impl Repo for Memory {
    fn table(&self) -> &str {
        &self.0
    }

    /// With an automatic key.
    #[coalesce(skip(gate))]
    async fn fetch(&self, gate: &Gate, id: u64, name: &str) -> Result<String, String> {
        gate.pass().await;
        Ok(format!("{} {id} {name}", self.0))
    }
}

fn repos() -> [Arc<dyn Repo>; 2] {
    [
        Arc::new(Sql {
            table: "users".to_owned(),
            flights: Group::new(),
        }),
        Arc::new(Memory("users".to_owned())),
    ]
}

#[test]
fn methods_of_a_dyn_trait_share() {
    for repo in repos() {
        let gate = Gate::closed();
        let mut leader = task::spawn(repo.fetch(&gate, 7, "a"));
        let mut follower = task::spawn(repo.fetch(&gate, 7, "a"));
        let mut other = task::spawn(repo.fetch(&gate, 8, "a"));
        assert_pending!(leader.poll());
        assert_pending!(follower.poll());
        assert_pending!(other.poll());
        assert_eq!(gate.bodies_started(), 2);
        gate.open();
        assert_ready_eq!(leader.poll(), Ok("users 7 a".to_owned()));
        assert_ready_eq!(follower.poll(), Ok("users 7 a".to_owned()));
        assert_ready_eq!(other.poll(), Ok("users 8 a".to_owned()));
    }
}

#[test]
fn errors_and_early_returns_are_the_bodys() {
    let [sql, _] = repos();
    assert_ready_eq!(
        task::spawn(sql.fetch(&Gate::opened(), 7, "")).poll(),
        Err("no name".to_owned())
    );
}

#[test]
fn a_body_in_the_trait_is_one_function_for_each_implementation() {
    let [sql, memory] = repos();
    let gate = Gate::closed();
    let mut calls = [
        sql.count(&gate, 7),
        sql.count(&gate, 7),
        memory.count(&gate, 7),
    ]
    .map(task::spawn);
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    assert_eq!(gate.bodies_started(), 2);
    gate.open();
    for call in &mut calls {
        assert_ready_eq!(call.poll(), 7);
    }
    let names: Vec<_> = groups()
        .iter()
        .map(|group| group.name().to_owned())
        .collect();
    let name = "<it::boxed::Memory as it::boxed::Repo>::count";
    assert!(
        names.iter().any(|listed| listed == name),
        "{name} in {names:#?}"
    );
}

/// Written by hand, it is the same.
#[coalesce(key = (gate.id, id), share = ok)]
fn by_hand(gate: &Gate, id: u64) -> Pin<Box<dyn Future<Output = Result<u64, ()>> + Send + '_>> {
    let doubled = id * 2;
    Box::pin(async move {
        gate.pass().await;
        Ok(doubled)
    })
}

#[test]
fn a_boxed_future_by_hand() {
    let gate = Gate::closed();
    let (mut leader, mut follower) = (
        task::spawn(by_hand(&gate, 7)),
        task::spawn(by_hand(&gate, 7)),
    );
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    assert_eq!(gate.bodies_started(), 1);
    gate.open();
    assert_ready_eq!(leader.poll(), Ok(14));
    assert_ready_eq!(follower.poll(), Ok(14));
}
