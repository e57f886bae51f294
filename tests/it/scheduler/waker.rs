//! A waker that is counted, and panics.

use super::{mischief::*, world::Tally};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{RawWaker, RawWakerVTable, Waker},
};

/// What is set when a caller is woken.
pub(super) struct Alarm {
    rung: AtomicBool,
    tally: Arc<Tally>,
}

impl Alarm {
    pub(super) fn new(tally: &Arc<Tally>) -> Arc<Self> {
        Arc::new(Self {
            rung: AtomicBool::new(false),
            tally: Arc::clone(tally),
        })
    }

    pub(super) fn is_rung(&self) -> bool {
        self.rung.load(SeqCst)
    }

    pub(super) fn reset(&self) {
        self.rung.store(false, SeqCst);
    }

    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        self.tally.wakers.enter();
        // SAFETY: the functions keep the contract of `RawWakerVTable`: each waker owns a share of the alarm,
        // and an alarm may be shared by threads.
        unsafe { Waker::from_raw(raw(Arc::clone(self))) }
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(alarm: Arc<Alarm>) -> RawWaker {
    RawWaker::new(Arc::into_raw(alarm).cast(), &TABLE)
}

/// # Safety
///
/// The pointer is of `raw`, and its share is given up.
unsafe fn taken(alarm: *const ()) -> Arc<Alarm> {
    // SAFETY: `raw` made it of an `Arc`.
    let alarm = unsafe { Arc::from_raw(alarm.cast::<Alarm>()) };
    alarm.tally.wakers.leave();
    alarm
}

unsafe fn clone(pointer: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned keeps its share.
    let alarm = unsafe { &*pointer.cast::<Alarm>() };
    strike(Mischief::All, 64);
    alarm.tally.wakers.enter();
    // SAFETY: `raw` made it of an `Arc`.
    unsafe { Arc::increment_strong_count(pointer.cast::<Alarm>()) };
    RawWaker::new(pointer, &TABLE)
}

unsafe fn wake(alarm: *const ()) {
    // SAFETY: a waker is woken once, and not dropped then.
    let alarm = unsafe { taken(alarm) };
    alarm.rung.store(true, SeqCst);
    strike(Mischief::All, 16);
}

unsafe fn wake_by_ref(alarm: *const ()) {
    // SAFETY: the waker keeps its share.
    let alarm = unsafe { &*alarm.cast::<Alarm>() };
    alarm.rung.store(true, SeqCst);
    strike(Mischief::All, 16);
}

unsafe fn drop_waker(alarm: *const ()) {
    // SAFETY: a waker is dropped once.
    drop(unsafe { taken(alarm) });
    strike(Mischief::All, 16);
}
