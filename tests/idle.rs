//! Waiting for the whole process, which is this test's own.

use coalesced::{Config, Registry, coalesce, idle};
use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

#[derive(Clone, Default)]
struct App {
    calls: Registry,
}

#[coalesce(registry = app.calls, detach, key = id)]
async fn detached(app: App, gate: Arc<Semaphore>, id: u64) -> u64 {
    drop(app);
    gate.acquire().await.unwrap().forget();
    id
}

/// Polls it once, and drops it.
async fn started(call: impl Future<Output = u64>) {
    let mut call = Box::pin(call);
    poll_fn(|cx| {
        assert!(call.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Of the four, one has its owner, one lost it, one runs by itself, and one is of a dropped owner, by itself.
#[tokio::test(start_paused = true)]
async fn detached_bodies_are_drained_at_shutdown() {
    idle().await;
    let gate = Arc::new(Semaphore::new(0));
    let app = App::default();
    let detached = |app: &App, id| detached(app.clone(), Arc::clone(&gate), id);
    started(detached(&app, 1)).await;
    started(detached(&App::default(), 2)).await;
    let disabled = Registry::new().with_config(Config::disabled());
    let alone = App { calls: disabled };
    started(detached(&alone, 3)).await;
    started(detached(&alone.clone(), 4)).await;
    drop(alone);
    for left in [4, 3, 2, 1] {
        let deadline = timeout(Duration::from_secs(10), idle()).await;
        assert!(deadline.is_err(), "{left} are left");
        gate.add_permits(1);
        sleep(Duration::from_millis(1)).await;
    }
    timeout(Duration::from_secs(10), idle()).await.unwrap();

    // It is woken.
    started(detached(&app, 5)).await;
    let idle = tokio::spawn(idle());
    sleep(Duration::from_millis(1)).await;
    assert!(!idle.is_finished());
    gate.add_permits(1);
    timeout(Duration::from_secs(10), idle)
        .await
        .unwrap()
        .unwrap();
}
