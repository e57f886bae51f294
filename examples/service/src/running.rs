//! The queries that run now in this process, each by the call that it answers, as `product(7)`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Vec<String>>>);

/// A query, until this is dropped.
#[derive(Debug)]
pub(crate) struct Query {
    running: Running,
    call: String,
}

impl Running {
    pub(crate) fn begin(&self, call: String) -> Query {
        self.lock().push(call.clone());
        Query {
            running: self.clone(),
            call,
        }
    }

    pub(crate) fn has(&self, call: &str) -> bool {
        self.lock().iter().any(|running| running == call)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        let mut running = self.running.lock();
        if let Some(place) = running.iter().position(|call| *call == self.call) {
            running.swap_remove(place);
        }
    }
}
