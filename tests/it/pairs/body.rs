//! Bodies that end when they are told to, and tell that they are there.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    hash::{Hash, Hasher},
    panic::resume_unwind,
    sync::{Arc, Condvar, Mutex},
    task::{Poll, Waker},
};

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not yet.
    Waits,
    Ok,
    Err,
    Panics,
}

/// What a body of this caller returned.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) from: usize,
    _alive: Arc<()>,
}

#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) from: usize,
    pub(super) copied: bool,
    _alive: Arc<()>,
}

impl Value {
    pub(super) fn new(from: usize, alive: Arc<()>) -> Self {
        Self {
            from,
            _alive: alive,
        }
    }
}

impl Failure {
    pub(super) fn new(from: usize, alive: Arc<()>) -> Self {
        Self {
            from,
            copied: false,
            _alive: alive,
        }
    }

    /// `clone_err`.
    pub(super) fn copy(&self) -> Self {
        let mut copy = self.clone();
        copy.copied = true;
        copy
    }
}

pub(super) type Answer = Result<Value, Failure>;

/// A key, which is counted.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) number: u64,
    pub(super) _alive: Arc<()>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Key {}

/// What is known of the bodies of one schedule.
#[derive(Debug, Default)]
pub(super) struct Record {
    bodies: Mutex<Bodies>,
    told: Condvar,
    /// Each key, value, error and body has a share of it.
    pub(super) alive: Arc<()>,
}

#[derive(Debug, Default)]
struct Bodies {
    running: Vec<usize>,
    fates: BTreeMap<usize, Fate>,
    wakers: BTreeMap<usize, Waker>,
}

impl Record {
    /// The body of this caller is to end so.
    pub(super) fn finish(&self, caller: usize, fate: Fate) {
        let mut bodies = self.bodies.lock().unwrap();
        bodies.fates.insert(caller, fate);
        let waker = bodies.wakers.remove(&caller);
        drop(bodies);
        self.told.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn fate(&self, caller: usize) -> Fate {
        let bodies = self.bodies.lock().unwrap();
        bodies.fates.get(&caller).copied().unwrap_or(Fate::Waits)
    }

    /// Whose bodies are there.
    pub(super) fn running(&self) -> Vec<usize> {
        let mut running = self.bodies.lock().unwrap().running.clone();
        running.sort_unstable();
        running
    }
}

/// The body of a caller.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) caller: usize,
    pub(super) record: Arc<Record>,
}

impl Body {
    pub(super) async fn run(self) -> Answer {
        let running = self.start();
        let fate = poll_fn(|cx| {
            let mut bodies = running.0.record.bodies.lock().unwrap();
            match bodies.fates.get(&running.0.caller) {
                None | Some(Fate::Waits) => {
                    bodies.wakers.insert(running.0.caller, cx.waker().clone());
                    Poll::Pending
                }
                Some(fate) => Poll::Ready(*fate),
            }
        })
        .await;
        running.0.end(fate)
    }

    pub(super) fn run_blocking(self) -> Answer {
        let running = self.start();
        let caller = running.0.caller;
        let waits =
            |bodies: &mut Bodies| matches!(bodies.fates.get(&caller), None | Some(Fate::Waits));
        let bodies = running.0.record.bodies.lock().unwrap();
        let bodies = running.0.record.told.wait_while(bodies, waits).unwrap();
        let fate = bodies.fates[&caller];
        drop(bodies);
        running.0.end(fate)
    }

    fn start(self) -> Running {
        let mut bodies = self.record.bodies.lock().unwrap();
        bodies.running.push(self.caller);
        drop(bodies);
        Running(self)
    }

    fn end(&self, fate: Fate) -> Answer {
        let (from, alive) = (self.caller, Arc::clone(&self.record.alive));
        match fate {
            Fate::Ok => Ok(Value::new(from, alive)),
            Fate::Err => Err(Failure::new(from, alive)),
            Fate::Panics => resume_unwind(Box::new(from)),
            Fate::Waits => unreachable!("it has been told to end"),
        }
    }
}

struct Running(Body);

impl Drop for Running {
    fn drop(&mut self) {
        let mut bodies = self.0.record.bodies.lock().unwrap();
        bodies.running.retain(|caller| *caller != self.0.caller);
        bodies.wakers.remove(&self.0.caller);
    }
}
