//! The clock of `clock.rs` for loom: its timers come to their ends when the model says so.

pub use std::time::Instant;
use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use crate::sync::Mutex;

loom::lazy_static! {
    static ref ALARMS: Mutex<Vec<Arc<Mutex<Alarm>>>> = Mutex::new(Vec::new());
}

/// This moment.
pub fn now() -> Option<Instant> {
    Some(Instant::now())
}

/// The same as in `clock.rs`: no model looks at ages.
pub(crate) struct Moment(std::sync::OnceLock<Instant>);

impl Moment {
    pub(crate) fn unknown() -> Self {
        Self(std::sync::OnceLock::new())
    }

    pub(crate) fn set(&self, moment: Instant) {
        let _ = self.0.set(moment);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

/// Whether it rang, and whom it wakes.
#[derive(Default)]
struct Alarm(bool, Option<Waker>);

/// Every timer that there is comes to its end.
pub fn ring() {
    let alarms = std::mem::take(&mut *ALARMS.lock().unwrap());
    for alarm in alarms {
        let mut alarm = alarm.lock().unwrap();
        alarm.0 = true;
        let waker = alarm.1.take();
        drop(alarm);
        waker.into_iter().for_each(Waker::wake);
    }
}

pub(crate) struct Timer(Arc<Mutex<Alarm>>);

impl Timer {
    pub(crate) fn require(_: &'static str) {}

    pub(crate) fn new(_: Duration) -> Self {
        let alarm = Arc::new(Mutex::new(Alarm::default()));
        ALARMS.lock().unwrap().push(Arc::clone(&alarm));
        Self(alarm)
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.0.lock().unwrap();
        if alarm.0 {
            return Poll::Ready(());
        }
        alarm.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}
