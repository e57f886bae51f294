//! A door that bodies wait at, and a count of those that came.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    task::{Poll, Waker},
};

#[derive(Debug)]
pub(crate) struct Gate {
    /// Part of the keys of the functions under test, so that tests don't meet in them.
    pub(crate) id: u64,
    door: Mutex<Door>,
    started: AtomicUsize,
    active: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Debug, Default)]
struct Door {
    open: bool,
    waiting: Vec<Waker>,
}

impl Gate {
    pub(crate) fn closed() -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: NEXT.fetch_add(1, SeqCst),
            door: Mutex::default(),
            started: AtomicUsize::new(0),
            active: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }

    pub(crate) fn opened() -> Arc<Self> {
        let gate = Self::closed();
        gate.open();
        gate
    }

    pub(crate) fn open(&self) {
        let waiting = {
            let mut door = self.door.lock().unwrap();
            door.open = true;
            std::mem::take(&mut door.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn close(&self) {
        self.door.lock().unwrap().open = false;
    }

    /// A body comes, and goes on when the gate is open.
    pub(crate) async fn pass(&self) {
        let _body = self.body();
        poll_fn(|cx| {
            let mut door = self.door.lock().unwrap();
            if door.open {
                return Poll::Ready(());
            }
            door.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// A body is there until this is dropped.
    pub(crate) fn body(&self) -> impl Drop {
        struct Body<'g>(&'g Gate);

        impl Drop for Body<'_> {
            fn drop(&mut self) {
                self.0.active.fetch_sub(1, SeqCst);
            }
        }

        self.started.fetch_add(1, SeqCst);
        let active = self.active.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(active, SeqCst);
        Body(self)
    }

    /// How many bodies came.
    pub(crate) fn bodies_started(&self) -> usize {
        self.started.load(SeqCst)
    }

    /// How many are there.
    pub(crate) fn bodies_active(&self) -> usize {
        self.active.load(SeqCst)
    }

    /// How many there were at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(SeqCst)
    }
}
