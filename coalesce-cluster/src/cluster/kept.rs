//! What a flight of the runtime keeps of its part in the cluster, for those who come later.

use std::{
    any::Any,
    fmt, mem,
    sync::{Arc, Mutex, PoisonError},
};

use coalesce_runtime::private::across::Elsewhere;

use crate::member::{Displaced, Part, Question};

/// What a flight of the runtime keeps of its part in the cluster.
pub(crate) struct Kept {
    /// `None`: nobody is asked.
    pub(crate) question: Option<Question>,
    /// Set by the member: no newcomer joins the flight.
    pub(crate) displaced: Displaced,
    left: Mutex<Left>,
}

/// What a leader that goes leaves to the next.
#[derive(Debug)]
pub(crate) enum Left {
    /// To ask; `fresh`: not to join.
    Ask { fresh: bool },
    /// It has asked, and was not answered.
    Asked(Part),
}

impl Kept {
    /// Of a flight that nobody leads yet.
    pub(crate) fn new(question: Option<Question>, fresh: bool) -> Arc<Self> {
        Arc::new(Self {
            question,
            displaced: Displaced::default(),
            left: Mutex::new(Left::Ask { fresh }),
        })
    }

    /// A leader goes.
    pub(crate) fn leave(&self, left: Left) {
        let old = self.swap(left);
        drop(old);
    }

    /// Another comes.
    pub(crate) fn take(&self) -> Left {
        self.swap(Left::Ask { fresh: false })
    }

    fn swap(&self, left: Left) -> Left {
        let mut place = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut place, left)
    }
}

impl Elsewhere for Kept {
    fn may_be_joined(&self) -> bool {
        !self.displaced.is_set()
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        // One that was displaced has a newer one elsewhere, which will do.
        Self::new(self.question.clone(), !self.displaced.is_set())
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("question", &self.question)
            .field("displaced", &self.displaced)
            .finish_non_exhaustive()
    }
}
