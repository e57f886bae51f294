//! One fetch: a call of the service that belongs to none of its clients, and the state that they share with it.
//!
//! It runs on a Tokio task of its own (`task`). The clients are the first one, who opened it, and those who joined
//! (`client`). Both sides meet here, under one lock, under which nothing of the user's runs: no waker is cloned,
//! woken or dropped, and no head, frame, error or response dropped.
//!
//! | stage | the first client | the others |
//! |---|---|---|
//! | *awaited*: no head yet | waits | wait |
//! | *own*: it is not shared, or the service failed | takes the response, or the error, as it is | run their own, or try again |
//! | *panicked* before its head came | unwinds | run their own |
//! | *shared*: the head is there, the body arrives | takes the head, and reads | take copies of the head, and read |
//! | *gone*: its task was dropped | panics: its request is gone with it | run their own |
//!
//! 1. Newcomers may join while it is *open*: until the verdict is that it is not shared, the beginning of the body is
//!    dropped, or the fetch is over. Once closed it is never open again. Whoever looks for it in the map asks for
//!    that first, so a fetch that is closed is found by nobody.
//! 2. While it is open all of the body is kept. It closes when that is more than `max_body`, or when the budget
//!    is spent; then what all have read is dropped, and the task waits for *room*: until what is kept is less
//!    than `max_body`, or, without a budget, until it is nothing.
//! 3. The task waits for the slowest client no longer than a limit (`room`). Then the first chunk is dropped: who was
//!    in it finds out when it reads on, and its body ends in an error.
//! 4. A client that is dropped leaves. The last one to leave closes the fetch and aborts the task, unless it
//!    is detached or over. So a client joins a fetch whose task is alive, or finds it closed.
//! 5. The task tells its end in every case: the body's end, its error, a panic, or that it was dropped. A body whose
//!    end is not told has not ended well, so nobody takes a part for the whole.
//!
//! Who wakes whom: the task wakes all clients when it waits itself and has told something since, and at the end. So a
//! head goes out together with what is there of its body, as without the layer: else it would be a packet of its
//! own, and what follows be held back for its acknowledgement. A client wakes the task when it makes room, or has
//! read all while the task waits.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Waker,
};

use bytes::Bytes;
use http::{Extensions, HeaderMap, response::Parts};
use http_body::SizeHint;
use tokio::{task::AbortHandle, time::Instant};

use super::{
    client::Client,
    frames::Found,
    head::{Head, Taken},
    reason::Reason,
    rules::Rules,
    state::{End, Others, Payload, Shared, Stage, State},
};

/// What a fetch takes of the budget before it has a body.
const BASE: usize = 2 << 10;

pub(crate) struct Fetch {
    /// It changes under the lock.
    open: AtomicBool,
    pub(super) rules: Arc<Rules>,
    state: Mutex<State>,
}

impl Fetch {
    /// A fetch with its first client, which is there before anybody else finds the fetch; the task is still to be
    /// started.
    pub(crate) fn new(rules: &Arc<Rules>) -> Arc<Self> {
        rules.budget.take(BASE);
        Arc::new(Self {
            open: AtomicBool::new(true),
            rules: Arc::clone(rules),
            state: Mutex::new(State::new(BASE)),
        })
    }

    /// Whether newcomers may join.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Relaxed)
    }

    /// No newcomer joins from now on.
    pub(crate) fn close(&self) {
        let _state = self.lock();
        self.open.store(false, Relaxed);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client comes, if it may.
    pub(super) fn enter(&self) -> bool {
        let mut state = self.lock();
        if !self.is_open() {
            return false;
        }
        state.clients += 1;
        state.headless += 1;
        state.frames.begin();
        true
    }

    /// The task runs, to be aborted when nobody waits.
    pub(crate) fn started(&self, task: AbortHandle) {
        self.lock().task = Some(task);
    }

    /// The response, or the service's error, is the first client's.
    pub(crate) fn own(&self, result: Payload, others: Others) {
        let mut first = Some(result);
        self.tell(|state| {
            self.open.store(false, Relaxed);
            // Else its client has left.
            if let Stage::Awaited = state.stage {
                let first = first.take();
                state.stage = Stage::Own { first, others };
            }
        });
    }

    /// The response is for all: its body is to come.
    pub(crate) fn share(&self, head: Parts, extensions: Option<Extensions>, hint: SizeHint) {
        let head = Head::new(head, extensions);
        let mut state = self.lock();
        // Else nobody is there any more.
        if let Stage::Awaited = state.stage {
            state.stage = Stage::Shared(Shared {
                head,
                hint,
                trailers: None,
                end: None,
            });
        }
    }

    /// More of the body.
    pub(crate) fn push(&self, data: Bytes) {
        let mut state = self.lock();
        state.frames.push(data);
        let is_within = self.account(&mut state);
        if !is_within || state.frames.length() > self.rules.terms.max_body {
            self.open.store(false, Relaxed);
        }
        self.trim(&mut state);
    }

    /// Tells the clients of what came.
    pub(crate) fn announce(&self) {
        self.tell(|_| {});
    }

    /// The trailers; those that come later are added.
    pub(crate) fn push_trailers(&self, trailers: HeaderMap) {
        if let Stage::Shared(shared) = &mut self.lock().stage {
            let all = shared.trailers.get_or_insert_default();
            all.extend(trailers);
        }
    }

    /// The fetch is over, however; the first end counts.
    pub(crate) fn end(&self, end: End) {
        // What is left of it is dropped outside of the lock.
        let mut end = Some(end);
        let mut has_panicked = false;
        self.tell(|state| {
            self.open.store(false, Relaxed);
            self.trim(state);
            match &mut state.stage {
                Stage::Awaited => {
                    state.stage = match end.take() {
                        Some(End::Panicked(panic)) => {
                            has_panicked = true;
                            Stage::Panicked(panic)
                        }
                        other => {
                            end = other;
                            Stage::Gone
                        }
                    };
                }
                Stage::Shared(shared) if shared.end.is_none() => shared.end = end.take(),
                _ => {}
            }
        });
        if has_panicked {
            self.rules.count(Reason::Panicked);
        }
    }

    /// Changes something and tells the clients; nothing is dropped by that.
    fn tell(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.announced = true;
        let wakers = state.waiting.take();
        drop(state);
        wakers.wake();
    }

    /// What a client reads, and the task's waker, if the task has waited for that.
    pub(super) fn read(&self, state: &mut State, position: &mut u64) -> (Found, Option<Waker>) {
        let found = state.frames.read(position);
        if !matches!(found, Found::Data(_)) {
            return (found, None);
        }
        self.trim(state);
        (found, self.roomy(state))
    }

    /// A client goes, who was here.
    pub(super) fn leave(&self, client: &Client) {
        let mut state = self.lock();
        let waker = state.waiting.remove(client.spot);
        state.frames.leave(client.position);
        state.clients -= 1;
        state.headless -= usize::from(!client.has_head);
        let (mut before, mut frames, mut task) = (None, None, None);
        if state.clients == 0 && !state.stage.is_over() && !self.rules.terms.detach {
            self.open.store(false, Relaxed);
            before = Some(mem::replace(&mut state.stage, Stage::Gone));
            frames = Some(mem::take(&mut state.frames));
            task = state.task.take();
            self.account(&mut state);
        } else {
            self.trim(&mut state);
        }
        let own = match &mut state.stage {
            Stage::Own { first, .. } if client.is_first => first.take(),
            _ => None,
        };
        let room = self.roomy(&mut state);
        drop(state);
        if let Some(task) = task {
            task.abort();
        }
        drop((waker, before, frames, own));
        if let Some(room) = room {
            room.wake();
        }
    }

    /// The head, of a response that is shared.
    pub(super) fn head(&self, state: &mut State, is_first: bool) -> Option<Taken> {
        let Stage::Shared(shared) = &mut state.stage else {
            return None;
        };
        if !state.announced {
            return None;
        }
        let is_last = state.headless == 1 && !self.is_open();
        state.headless -= 1;
        let own_headers = &self.rules.terms.own_headers;
        Some(shared.head.take(is_first, is_last, own_headers))
    }

    fn trim(&self, state: &mut State) {
        if !self.is_open() && state.frames.trim() {
            if state.moved.is_some() {
                state.moved = Some(Instant::now());
            }
            self.account(state);
        }
    }

    /// Takes from the budget, or gives back, what the frames take; whether it was there.
    pub(super) fn account(&self, state: &mut State) -> bool {
        let needed = BASE + state.frames.cost();
        let before = mem::replace(&mut state.taken, needed);
        if needed > before {
            return self.rules.budget.take(needed - before);
        }
        self.rules.budget.give(before - needed);
        true
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.rules.budget.give(state.taken);
    }
}
