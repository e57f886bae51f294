//! Every kind of caller asks.

use super::{
    Scene,
    servers::{Answer, Servers},
};
use crate::support::{Gate, begin};
#[cfg(feature = "spawn")]
use coalesced::Group;
use coalesced::{Registry, coalesce};
use std::sync::Arc;
use tokio_test::{assert_ready_eq, task};

#[test]
fn a_thread_asks() {
    let scene = Scene::new();
    scene.servers.answer(Answer::Given(50));
    let value = scene.group.call_blocking(7, || unreachable!("given"));
    assert_eq!((value, scene.check()), (50, 1));
}

#[test]
fn an_annotated_function_asks() {
    #[coalesce(group = scene.group, key = scene.gate.id)]
    async fn served(scene: &Scene) -> u64 {
        scene.gate.pass().await;
        49
    }

    #[coalesce(group = scene.group, key = scene.gate.id, share = ok)]
    async fn fails(scene: &Scene) -> Result<u64, ()> {
        scene.gate.pass().await;
        Err(())
    }

    let scene = Scene::new();
    let [mut leader, mut follower] = begin(|| served(&scene));
    scene.servers.answer(Answer::Given(50));
    assert_ready_eq!(leader.poll(), 50);
    assert_ready_eq!(follower.poll(), 50);
    let mut given = task::spawn(fails(&scene));
    assert_ready_eq!(given.poll(), Ok(50));
    assert_eq!(scene.check(), 2);
    scene.servers.answer(Answer::Run);
    scene.gate.open();
    let mut fails = task::spawn(fails(&scene));
    assert_ready_eq!(fails.poll(), Err(()));
    assert_eq!(scene.servers.told(), "lead new, lead new, lead new, end");
}

#[test]
fn the_functions_of_a_registry_ask() {
    struct Shop {
        calls: Registry<Servers>,
        gate: Arc<Gate>,
    }

    impl Shop {
        #[coalesce(registry = self.calls)]
        async fn price(&self, id: u64) -> u64 {
            self.gate.pass().await;
            id
        }
    }

    let servers = Servers::default();
    let shop = Shop {
        calls: Registry::new().named("served").across(servers.clone()),
        gate: Gate::closed(),
    };
    let [mut leader, mut follower] = begin(|| shop.price(7));
    servers.answer(Answer::Given(50));
    assert_ready_eq!(leader.poll(), 50);
    assert_ready_eq!(follower.poll(), 50);
    let stats = shop.calls.stats();
    assert_eq!((shop.gate.bodies_started(), stats.elsewhere), (0, 1));
}

/// The task asks, and goes on asking when the caller goes that spawned it.
#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_task_asks() {
    #[coalesce(group = group, key = id, spawn)]
    async fn served(group: Arc<Group<u64, u64, Servers>>, id: u64) -> u64 {
        drop(group);
        id
    }

    let servers = Servers::default();
    let group = Arc::new(Group::new().named("served").across(servers.clone()));
    let [first, second, mut third] = begin(|| served(Arc::clone(&group), 7));
    tokio::task::yield_now().await;
    drop(first);
    drop(second);
    servers.answer(Answer::Given(50));
    tokio::task::yield_now().await;
    assert_ready_eq!(third.poll(), 50);
    assert_eq!(servers.told(), "lead new");
}
