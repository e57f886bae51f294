//! Where the runtime's flights go across: its seam, on a [`Lead`].
//!
//! 1. A caller that leads a new flight tells its key, and leaves with the flight what was asked (`Kept`): whoever leads
//!    it after has no key any more.
//! 2. It goes: what it leaves to its successor, a note, goes there as well. A flight that nobody leads any more
//!    drops the note with itself, and so what was asked is given up.
//! 3. The member says that the flight is displaced: `Kept` is marked, and no newcomer joins.

use std::{
    any::Any,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use coalesce_runtime::{
    Key,
    private::{
        Owning,
        across::{self as runtime, Elsewhere},
    },
};

use super::{crossing::Crossing, functions::Functions, lead::Lead};
use crate::{
    frame::{Codec, Keyed},
    member::Question,
    seam::{self, Note},
};

/// One caller's part in a flight of the runtime that goes across.
pub struct Call<'c, V, C: Codec<V>> {
    lead: Lead<'c, V, C>,
    crossing: Crossing<'c, C>,
    kept: Option<Arc<Kept>>,
}

/// What a flight of the runtime keeps of its part in the cluster.
struct Kept {
    /// `None`: nobody is asked.
    question: Option<Question>,
    /// It was opened by one that had waited for another for long enough.
    is_newer: bool,
    is_displaced: AtomicBool,
    note: Mutex<Option<Note>>,
}

impl Kept {
    fn new(question: Option<Question>, is_newer: bool) -> Arc<Self> {
        Arc::new(Self {
            question,
            is_newer,
            is_displaced: AtomicBool::new(false),
            note: Mutex::default(),
        })
    }

    fn note(&self) -> MutexGuard<'_, Option<Note>> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Elsewhere for Kept {
    fn may_be_joined(&self) -> bool {
        !self.is_displaced.load(Relaxed)
    }

    fn newer(&self) -> Arc<dyn Elsewhere> {
        Self::new(self.question.clone(), true)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<'c, V, C: Codec<V>> Call<'c, V, C> {
    fn new(crossing: Crossing<'c, C>, function: &'static str) -> Self {
        Self {
            lead: Lead::new(crossing, function),
            crossing,
            kept: None,
        }
    }

    /// The flight that it leads keeps this.
    fn keep(&mut self, kept: Arc<Kept>) {
        let displaced = Arc::downgrade(&kept);
        seam::Lead::local(
            &mut self.lead,
            Arc::new(move || {
                if let Some(kept) = displaced.upgrade() {
                    kept.is_displaced.store(true, Relaxed);
                }
            }),
        );
        self.kept = Some(kept);
    }
}

impl<V, C: Codec<V>> runtime::Lead<V> for Call<'_, V, C> {
    fn succeed(&mut self, of: &Arc<dyn Elsewhere>) {
        let Ok(kept) = Arc::clone(of).into_any().downcast::<Kept>() else {
            return;
        };
        let note = kept.note().take();
        match note {
            Some(note) => seam::Lead::succeed(&mut self.lead, Some(note)),
            None => self.lead.resume(kept.question.clone(), kept.is_newer),
        }
        self.keep(kept);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<runtime::Verdict<V>> {
        seam::Lead::poll(&mut self.lead, cx).map(|verdict| match verdict {
            seam::Verdict::Run => runtime::Verdict::Run,
            seam::Verdict::Given(value) => runtime::Verdict::Given(value),
        })
    }

    fn end(&mut self, ended: runtime::Ended<'_, V>) {
        let ended = match ended {
            runtime::Ended::Value(value) => seam::Ended::Value(value),
            runtime::Ended::Nothing => seam::Ended::Nothing,
        };
        seam::Lead::end(&mut self.lead, ended);
        self.kept = None;
    }
}

impl<V, C, Q> runtime::Brief<Q> for Call<'_, V, C>
where
    C: Codec<V>,
    Q: Owning<Owned: Keyed> + Key<<Q as Owning>::Owned>,
{
    fn brief(&mut self, key: &Q, is_fresh: bool) -> Arc<dyn Elsewhere> {
        seam::Brief::brief(&mut self.lead, &key.to_key(), is_fresh);
        let kept = Kept::new(self.lead.question(), false);
        self.keep(Arc::clone(&kept));
        kept
    }

    fn forget(&mut self, key: &Q) {
        self.crossing.forget::<V, _>(&key.to_key());
    }
}

/// It goes, and leaves what it has to the next one, if there will be one.
impl<V, C: Codec<V>> Drop for Call<'_, V, C> {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            let note = seam::Lead::abandon(&mut self.lead);
            *kept.note() = note;
        }
    }
}

impl<'c, V, C: Codec<V>> runtime::Across<V> for Crossing<'c, C> {
    type Lead = Call<'c, V, C>;

    fn lead(&self, _: &'static str, function: &'static str) -> Self::Lead {
        Call::new(*self, function)
    }
}

/// Each function by its own name.
impl<'c, V, C: Codec<V>> runtime::Across<V> for Functions<'c, C> {
    type Lead = Call<'c, V, C>;

    fn lead(&self, _: &'static str, function: &'static str) -> Self::Lead {
        Call::new(self.of(function), function)
    }
}

impl<V, C: Codec<V>> fmt::Debug for Call<'_, V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.lead).finish()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("question", &self.question)
            .field("is_displaced", &self.is_displaced)
            .finish_non_exhaustive()
    }
}
