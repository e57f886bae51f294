//! One call, polled by hand.

use crate::pairs::{
    body::Answer,
    functions::{Call, Calling, Function},
    outcome::{Outcome, Told, told},
    steps::Wish,
};
use coalesced::{Report, alone, fresh, observe};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

/// What comes of a call: its answer, and what each `observe` told, the innermost first.
pub(super) type Answered = (Answer, Vec<Option<Report>>);

pub(super) fn call(function: &Function, call: Call, wishes: &[Wish]) -> Calling<Answered> {
    let inner = (function.call)(call);
    let mut outer: Calling<Answered> = Box::pin(async { (inner.await, Vec::new()) });
    for wish in wishes {
        outer = match wish {
            Wish::Fresh => Box::pin(fresh(outer)),
            Wish::Alone => Box::pin(alone(outer)),
            Wish::Observe => Box::pin(async {
                let ((answer, mut reports), report) = observe(outer).await;
                reports.push(report);
                (answer, reports)
            }),
        };
    }
    outer
}

/// How it ended, and what each `observe` told.
pub(super) type Ended = (Outcome, Vec<Option<Told>>);

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// A call under way.
pub(super) struct Caller {
    pub(super) number: usize,
    call: Calling<Answered>,
    woken: Arc<Woken>,
}

impl Caller {
    pub(super) fn new(number: usize, call: Calling<Answered>) -> Self {
        Self {
            number,
            call,
            woken: Arc::default(),
        }
    }

    /// Polls it once.
    pub(super) fn poll(&mut self) -> Poll<Ended> {
        self.woken.0.store(false, SeqCst);
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut cx = Context::from_waker(&waker);
        ended(|| match self.call.as_mut().poll(&mut cx) {
            Poll::Ready(answered) => Some(answered),
            Poll::Pending => None,
        })
        .map_or(Poll::Pending, Poll::Ready)
    }

    /// Whether it was woken since it was last polled.
    pub(super) fn is_woken(&self) -> bool {
        self.woken.0.load(SeqCst)
    }
}

/// How a call has ended that runs here, if it has.
pub(super) fn ended(call: impl FnOnce() -> Option<Answered>) -> Option<Ended> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(answered) => answered.map(|(answer, reports)| {
            let reports = reports.into_iter().map(|report| report.map(told));
            (Outcome::of(answer), reports.collect())
        }),
        Err(panic) => {
            let outcome = match panic.downcast_ref() {
                Some(from) => Outcome::OwnPanic { from: *from },
                None if panic.is::<String>() => Outcome::OthersPanic,
                None => panic!("a panic of nobody's"),
            };
            Some((outcome, Vec::new()))
        }
    }
}
