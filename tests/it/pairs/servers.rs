//! The other servers, which are played here: whether they leave a leader waiting, let it run its body, or give it a
//! value of theirs.

use crate::pairs::body::{Answer, Failure, Fate, Value};
use coalesced::__private::across::{Across, Brief, Elsewhere, Ended, Lead, Verdict};
use std::{
    any::Any,
    mem,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// Whose values theirs are.
pub(super) const ELSEWHERE: usize = 1_000;

/// What they say to whoever leads, whatever the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Says {
    Nothing,
    #[default]
    Run,
    /// That a body of theirs has ended so.
    Given(Fate),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Servers(Arc<Mutex<World>>);

#[derive(Debug, Default)]
struct World {
    says: Says,
    wakers: Vec<Waker>,
    /// Values and errors have a share of it.
    alive: Arc<()>,
    /// How many lead, or ask to, and have not told their end.
    leads: usize,
}

impl Servers {
    /// Their values have a share of this.
    pub(super) fn with(alive: &Arc<()>) -> Self {
        let servers = Self::default();
        servers.0.lock().unwrap().alive = Arc::clone(alive);
        servers
    }

    pub(super) fn say(&self, says: Says) {
        let mut world = self.0.lock().unwrap();
        world.says = says;
        let wakers = mem::take(&mut world.wakers);
        drop(world);
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(super) fn leads(&self) -> usize {
        self.0.lock().unwrap().leads
    }
}

/// What a function shares.
pub(super) trait Crosses {
    fn of(fate: Fate, alive: Arc<()>) -> Self;
}

impl Crosses for Value {
    fn of(_: Fate, alive: Arc<()>) -> Self {
        Self::new(ELSEWHERE, alive)
    }
}

impl Crosses for Answer {
    fn of(fate: Fate, alive: Arc<()>) -> Self {
        match fate {
            Fate::Err => Err(Failure::new(ELSEWHERE, alive)),
            _ => Ok(Value::new(ELSEWHERE, alive)),
        }
    }
}

impl<V: Crosses> Across<V> for Servers {
    type Lead = Leads;

    fn lead(&self, _: &'static str, _: &'static str, _: &'static str) -> Leads {
        Leads {
            servers: self.clone(),
            is_told: false,
        }
    }
}

pub(super) struct Leads {
    servers: Servers,
    is_told: bool,
}

impl Leads {
    fn begin(&mut self) {
        assert!(
            !mem::replace(&mut self.is_told, true),
            "it leads one flight"
        );
        self.servers.0.lock().unwrap().leads += 1;
    }

    fn finish(&mut self) {
        if mem::take(&mut self.is_told) {
            self.servers.0.lock().unwrap().leads -= 1;
        }
    }
}

impl<V: Crosses> Lead<V> for Leads {
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        assert!(Arc::clone(of).into_any().is::<Flight>());
        self.begin();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Verdict<V>> {
        assert!(self.is_told, "who asks was told of what");
        let mut world = self.servers.0.lock().unwrap();
        match world.says {
            Says::Nothing => {
                world.wakers.push(cx.waker().clone());
                Poll::Pending
            }
            Says::Run => Poll::Ready(Verdict::Run),
            Says::Given(fate) => {
                let value = V::of(fate, Arc::clone(&world.alive));
                drop(world);
                self.finish();
                Poll::Ready(Verdict::Given(value))
            }
        }
    }

    /// They say what they say.
    fn hurry(&mut self) {}

    fn end(&mut self, _: Ended<'_, V>) {
        self.finish();
    }
}

impl<Q> Brief<Q> for Leads {
    fn brief(&mut self, _: &Q, _: bool) -> Arc<dyn Elsewhere> {
        self.begin();
        Arc::new(Flight)
    }

    fn forget(&mut self, _: &Q) {
        assert!(!self.is_told, "who forgets leads nothing");
    }
}

impl Drop for Leads {
    fn drop(&mut self) {
        self.finish();
    }
}

#[derive(Debug)]
struct Flight;

impl Elsewhere for Flight {
    fn may_be_joined(&self) -> bool {
        true
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        Arc::new(Self)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
