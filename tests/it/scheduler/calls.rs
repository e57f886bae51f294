//! The functions under test, which meet in few groups, and the calls that are made of them.

use super::{
    asked::{Asked, Wish},
    body::Body,
    chance,
    key::Key,
    value::*,
    world::World,
};
use coalesced::{Report, alone, coalesce, fresh, observe};
use std::{future::Future, pin::Pin, sync::Arc};

pub(super) const BY_HAND: usize = 0;
const ANNOTATED: usize = 1;
const ONLY_OK: usize = 2;
pub(super) const INNER: usize = 3;
const SPAWNED: usize = 4;
#[cfg(feature = "spawn")]
const DETACHED: usize = 5;
const SPAWNED_ONLY_OK: usize = 6;

/// In which of the groups the calls of a function are.
pub(super) fn group(function: usize) -> usize {
    match function {
        INNER => 1,
        ONLY_OK | SPAWNED_ONLY_OK => 2,
        _ => 0,
    }
}

pub(super) fn is_only_ok(function: usize) -> bool {
    group(function) == 2
}

pub(super) fn is_spawned(function: usize) -> bool {
    function >= SPAWNED
}

#[coalesce(group = world.outer, key = key)]
async fn annotated(world: Arc<World>, key: Key, body: Body) -> Outcome {
    body.await
}

#[coalesce(group = world.only_ok, key = key, share = ok)]
async fn only_ok(world: Arc<World>, key: Key, body: Body) -> Outcome {
    body.await
}

#[cfg(feature = "spawn")]
#[coalesce(group = world.outer, key = key, spawn)]
async fn spawned(world: Arc<World>, key: Key, body: Body) -> Outcome {
    body.await
}

#[cfg(feature = "spawn")]
#[coalesce(group = world.outer, key = key, detach)]
async fn detached(world: Arc<World>, key: Key, body: Body) -> Outcome {
    body.await
}

#[cfg(feature = "spawn")]
#[coalesce(group = world.only_ok, key = key, share = ok, spawn)]
async fn spawned_only_ok(world: Arc<World>, key: Key, body: Body) -> Outcome {
    body.await
}

/// What a call comes to, and what it told if it was observed.
pub(super) type Told = (Outcome, Option<Report>);
pub(super) type BoxedCall = Pin<Box<dyn Future<Output = Told> + Send>>;

/// A call of any function, of any key.
pub(super) fn any(world: &Arc<World>, caller: u64) -> Asked {
    let plan = &world.plan;
    let function = loop {
        match chance::below(SPAWNED_ONLY_OK + 1) {
            INNER => {}
            it if is_spawned(it) && !plan.tasks => {}
            it => break it,
        }
    };
    let wish = match chance::below(8) {
        0 if plan.displaces => Wish::Fresh,
        1 if plan.displaces => Wish::Alone,
        _ => Wish::None,
    };
    of(world, function, caller, wish)
}

/// A call that a body makes.
pub(super) fn inner(world: &Arc<World>, caller: u64) -> Asked {
    of(world, INNER, caller, Wish::None)
}

fn of(world: &Arc<World>, function: usize, caller: u64, wish: Wish) -> Asked {
    let key = Key::new(chance::below(world.plan.keys), &world.tally);
    let number = key.number;
    let body = Body::new(world, function, number, caller);
    let started = body.started();
    let call: Pin<Box<dyn Future<Output = Outcome> + Send>> = {
        let world = Arc::clone(world);
        match function {
            ANNOTATED => Box::pin(annotated(world, key, body)),
            ONLY_OK => Box::pin(only_ok(world, key, body)),
            #[cfg(feature = "spawn")]
            SPAWNED => Box::pin(spawned(world, key, body)),
            #[cfg(feature = "spawn")]
            DETACHED => Box::pin(detached(world, key, body)),
            #[cfg(feature = "spawn")]
            SPAWNED_ONLY_OK => Box::pin(spawned_only_ok(world, key, body)),
            INNER => Box::pin(async move { world.inner.call(&key, body).await }),
            _ => Box::pin(async move { world.outer.call(&key, body).await }),
        }
    };
    let call: Pin<Box<dyn Future<Output = Outcome> + Send>> = match wish {
        Wish::None => call,
        Wish::Fresh => Box::pin(fresh(call)),
        Wish::Alone => Box::pin(alone(call)),
    };
    let call: BoxedCall = if chance::one_in(3) {
        Box::pin(observe(call))
    } else {
        Box::pin(async move { (call.await, None) })
    };
    Asked::new(world, (function, number, caller), wish, started, call)
}

/// A call that blocks this thread.
pub(super) fn blocking(world: &Arc<World>, caller: u64) {
    let key = Key::new(chance::below(world.plan.keys), &world.tally);
    let body = Body::new(world, BY_HAND, key.number, caller);
    let nothing: BoxedCall = Box::pin(std::future::pending());
    let mut asked = Asked::new(
        world,
        (BY_HAND, key.number, caller),
        Wish::None,
        body.started(),
        nothing,
    );
    let outcome = asked.ask(|_| world.outer.call_blocking(&key, || body.run()));
    asked.check(&outcome, None);
}
