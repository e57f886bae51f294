//! The spans of `span.rs` for loom: numbers, which a model asks for and looks at.

use std::{cell::Cell, sync::Mutex};

use crate::role::Role;

/// The number of a leader's span.
#[derive(Debug, Clone)]
pub(crate) struct LeaderId(usize);

#[derive(Default)]
struct Traces {
    on: bool,
    spans: usize,
    followed: Vec<(usize, usize)>,
}

loom::lazy_static! {
    // Not loom's mutex: it is the model's, and no part of what is tried.
    static ref TRACES: Mutex<Traces> = Mutex::default();
}

loom::thread_local! {
    static CURRENT: Cell<Option<usize>> = Cell::new(None);
}

/// From now on calls of this model have spans.
pub fn trace() {
    TRACES.lock().unwrap().on = true;
}

/// The span of the body that this thread is polling.
pub fn current_span() -> Option<usize> {
    CURRENT.with(Cell::get)
}

/// Which spans follow from which.
pub fn followed() -> Vec<(usize, usize)> {
    TRACES.lock().unwrap().followed.clone()
}

#[derive(Debug)]
pub(crate) struct CallSpan(Option<usize>);

impl CallSpan {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(_: &'static str, _: Role) -> Self {
        let mut traces = TRACES.lock().unwrap();
        let span = traces.spans;
        traces.spans += usize::from(traces.on);
        Self(traces.on.then_some(span))
    }

    pub(crate) fn id(&self) -> Option<LeaderId> {
        self.0.map(LeaderId)
    }

    pub(crate) fn in_scope<T>(&self, poll: impl FnOnce() -> T) -> T {
        CURRENT.with(|current| current.set(self.0));
        poll()
    }

    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn follows(&self, leader: Option<LeaderId>) {
        if let (Some(span), Some(LeaderId(leader))) = (self.0, leader) {
            TRACES.lock().unwrap().followed.push((span, leader));
        }
    }

    pub(crate) fn end(&mut self, _: &'static str) {
        self.0 = None;
    }
}

pub(crate) fn took_over(_: &'static str, _: impl FnOnce() -> u64) {}
