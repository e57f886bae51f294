//! A caller in the pool: its call, and whether it is woken.

use super::{asked::Asked, calls, chance, mischief::*, waker::Alarm, world::World};
use std::{future::Future, pin::Pin, sync::Arc, task::Context};

pub(super) struct Caller {
    world: Arc<World>,
    call: Pin<Box<Asked>>,
    /// None before its first poll.
    alarm: Option<Arc<Alarm>>,
}

impl Caller {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let call = calls::any(world, world.now());
        Self {
            world: Arc::clone(world),
            call: Box::pin(call),
            alarm: None,
        }
    }

    /// Whether an executor would poll it.
    pub(super) fn is_due(&self) -> bool {
        self.alarm.as_ref().is_none_or(|alarm| alarm.is_rung())
    }

    /// Polls it, with the waker of before or a new one. Returns it unless it is done.
    pub(super) fn poll(mut self) -> Option<Self> {
        let plan = self.world.plan;
        let old = self.alarm.take().filter(|_| !chance::one_in(3));
        let alarm = old.unwrap_or_else(|| Alarm::new(&self.world.tally));
        alarm.reset();
        let waker = alarm.waker();
        self.alarm = Some(alarm);
        let call = self.call.as_mut();
        let polled = caught(plan.mischief, || {
            call.poll(&mut Context::from_waker(&waker)).map(drop)
        });
        // Nothing is at large now.
        drop(waker);
        match polled {
            Ok(polled) if polled.is_pending() => return Some(self),
            Ok(_) => {}
            Err(panic) => {
                if let Err(text) = is_planted(panic) {
                    self.world.blame(format!("a panic: {text}"));
                }
            }
        }
        self.drop();
        None
    }

    /// Drops it, also while its thread unwinds.
    pub(super) fn drop(self) {
        let (world, call) = (self.world, self.call);
        let mischief = world.plan.mischief;
        let dropped = if mischief > Mischief::None && chance::one_in(4) {
            caught(mischief, || drop_unwinding(call))
        } else {
            caught(mischief, || drop(call))
        };
        if let Err(text) = dropped.map_or_else(is_planted, Ok) {
            world.blame(format!("a panic of a drop: {text}"));
        }
    }
}
