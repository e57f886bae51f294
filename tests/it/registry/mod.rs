//! `Registry`: whose calls they are, and so who shares with whom.

mod all_functions;
mod functions;
mod sharing;

use crate::support::Gate;
use coalesced::{Registry, coalesce};
use std::{collections::HashMap, future::Future, pin::Pin, sync::Mutex};
use tokio_test::{assert_pending, assert_ready, task};

type Boxed<'c> = Pin<Box<dyn Future<Output = String> + 'c>>;

fn boxed<'c>(call: impl Future<Output = String> + 'c) -> Boxed<'c> {
    Box::pin(call)
}

/// Polls these calls at one time; how many bodies ran for them, and what they returned.
fn together<const N: usize>(gate: &Gate, calls: [Boxed<'_>; N]) -> (usize, [String; N]) {
    let mut calls = calls.map(task::spawn);
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    let bodies = gate.bodies_active();
    gate.open();
    let values = calls.map(|mut call| assert_ready!(call.poll()));
    gate.close();
    (bodies, values)
}

/// No key: it has a map, a lock, and a float.
#[derive(Default)]
struct Users {
    name: &'static str,
    calls: Registry,
    client: Client,
    _pool: Mutex<HashMap<String, f64>>,
}

#[derive(Clone, Default)]
struct Client {
    calls: Registry,
}

impl Users {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    #[coalesce(registry = self.calls, skip(gate))]
    async fn by_id(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }

    /// Other keys and values.
    #[coalesce(registry = self.calls, skip(gate))]
    async fn search(&self, gate: &Gate, text: &str, page: Option<u32>) -> Result<Vec<u64>, ()> {
        gate.pass().await;
        Ok(vec![text.len() as u64, page.unwrap_or_default().into()])
    }

    /// The arguments of `by_id`, and not its flights.
    #[coalesce(registry = self.calls, skip(gate))]
    async fn orders(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("orders of {id}")
    }

    #[coalesce(registry = (self.client.calls), key = (self.name, id))]
    async fn deeper(&self, gate: &Gate, id: u64) -> String {
        gate.pass().await;
        format!("{} {id}", self.name)
    }

    #[coalesce(registry = self.calls, key = id, bypass = bypass)]
    async fn bypassed(&self, gate: &Gate, id: u64, bypass: bool) -> String {
        gate.pass().await;
        id.to_string()
    }
}
