//! A body: it is polled some times, calls another function, and returns, fails or panics.

use super::{asked::Asked, calls, chance, mischief::*, value::*, world::World};
use std::{
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    task::{Context, Poll, ready},
    thread,
};

pub(super) struct Body {
    world: Arc<World>,
    function: usize,
    key: usize,
    caller: u64,
    /// Whether it was ever polled, for its caller to know.
    started: Arc<AtomicBool>,
    origin: Option<Arc<Origin>>,
    pauses: usize,
    inner: Option<Pin<Box<Asked>>>,
    /// Whether it is polled by the library itself, which drops it; else by a function of the user's, which
    /// may have its value in hand.
    bare: bool,
    done: bool,
}

impl Body {
    pub(super) fn new(world: &Arc<World>, function: usize, key: usize, caller: u64) -> Self {
        Self {
            world: Arc::clone(world),
            function,
            key,
            caller,
            started: Arc::default(),
            origin: None,
            pauses: chance::below(3),
            inner: None,
            bare: function == calls::BY_HAND || function == calls::INNER,
            done: false,
        }
    }

    pub(super) fn started(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.started)
    }

    fn start(&mut self) -> Arc<Origin> {
        let world = &self.world;
        world.tally.bodies.enter();
        world.ledger.bodies.fetch_add(1, SeqCst);
        self.started.store(true, SeqCst);
        let before = world.active[self.function][self.key].fetch_add(1, SeqCst);
        // Errors that are not shared let the third follower go alone.
        let plan = &world.plan;
        let may_be_more = plan.displaces || plan.fails && calls::is_only_ok(self.function);
        if before > 0 && !may_be_more {
            let (function, key) = (self.function, self.key);
            world.blame(format!("two bodies of function {function}, key {key}"));
        }
        if chance::one_in(4) && self.function != calls::INNER {
            self.inner = Some(Box::pin(calls::inner(&self.world, self.caller)));
        }
        Arc::new(Origin {
            function: self.function,
            key: self.key,
            caller: self.caller,
            started: self.world.now(),
            seen: AtomicU64::new(u64::MAX),
        })
    }

    /// Waits for nothing.
    pub(super) fn run(mut self) -> Outcome {
        self.bare = false;
        let world = Arc::clone(&self.world);
        let _polled = Polled(&world);
        let origin = self.start();
        self.origin = Some(Arc::clone(&origin));
        self.end(&origin)
    }

    fn end(&mut self, origin: &Arc<Origin>) -> Outcome {
        let world = &self.world;
        let value = || Value::new(origin, &world.tally);
        self.done = true;
        match chance::below(8) {
            0 => resume_unwind(Box::new("planted".to_owned())),
            1 | 2 if world.plan.fails => {
                world.ledger.errors.fetch_add(1, SeqCst);
                Err(value())
            }
            _ => Ok(value()),
        }
    }
}

/// A body is being polled, and is counted if it panics.
struct Polled<'w>(&'w World);

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.ledger.panics.fetch_add(1, SeqCst);
        }
    }
}

impl Future for Body {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let this = &mut *self;
        let world = Arc::clone(&this.world);
        let _polled = Polled(&world);
        let origin = match &this.origin {
            Some(origin) => Arc::clone(origin),
            None => {
                let origin = this.start();
                Arc::clone(this.origin.insert(origin))
            }
        };
        if let Some(inner) = &mut this.inner {
            drop(ready!(inner.as_mut().poll(cx)));
            this.inner = None;
        }
        if this.pauses > 0 {
            this.pauses -= 1;
            if chance::one_in(2) {
                cx.waker().wake_by_ref();
            } else {
                world.shelve(cx.waker().clone());
            }
            return Poll::Pending;
        }
        Poll::Ready(this.end(&origin))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.origin.is_none() {
            return;
        }
        self.world.active[self.function][self.key].fetch_sub(1, SeqCst);
        self.world.tally.bodies.leave();
        if (self.bare || !self.done) && !thread::panicking() {
            strike(Mischief::Some, 16);
        }
    }
}
