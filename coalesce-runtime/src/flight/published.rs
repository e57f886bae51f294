//! A value that is set once, by one who knows that nobody else does, and read without a lock.
//!
//! To be set costs a write and a store, where a `OnceCell`, which several may set, takes some ninety instructions, two of
//! them locked.

use crate::sync::{
    AtomicBool,
    Ordering::{Acquire, Release},
    UnsafeCell,
};

pub(crate) struct Published<T> {
    is_set: AtomicBool,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: it is as a `OnceLock`: what was set is seen by all, and may be taken or dropped on another thread.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

impl<T> Published<T> {
    pub(crate) fn not_yet() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            value: UnsafeCell::new(None),
        }
    }

    /// # Safety
    ///
    /// It is called once.
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: nobody else writes, and nobody reads before it is said to be set.
        self.value.with_mut(|it| unsafe { *it = Some(value) });
        self.is_set.store(true, Release);
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Acquire)
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        if !self.is_set() {
            return None;
        }
        // SAFETY: it was written before, and is not written again while it is shared.
        self.value.with(|it| unsafe { &*it }.as_ref())
    }

    #[inline]
    pub(crate) fn take(&mut self) -> Option<T> {
        // Loom sees who reads: of the `Arc` by which this is exclusive it knows nothing.
        // SAFETY: nobody else has it.
        self.value.with(|it| unsafe { &mut *it.cast_mut() }.take())
    }
}
