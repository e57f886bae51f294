//! How a caller that has joined comes to its end: by a value of another's body, or of its own.

use std::{
    any::Any,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    task::{Context, Poll},
};

use crate::{
    call::{
        caller::Caller,
        returned::{Ran, Return},
        work::Work,
    },
    flight::{caller_state::CallerState, map::FlightMap},
    panic::{aside, discard, text},
};

type Panic = Box<dyn Any + Send>;

impl<H: Deref<Target = FlightMap<K>>, K: 'static> Caller<H, K> {
    /// Polls the body, or first, if the group is not for this process alone (`here`), asks whether another server runs
    /// it. Where either came to its end, what it returned is in `work`.
    #[inline]
    pub(super) fn run_on(&mut self, here: bool, cx: &mut Context<'_>, work: &mut dyn Work) {
        match self.state {
            CallerState::Elsewhere { ticket, told } if !here => {
                self.ask_or_run(ticket, told, cx, work);
            }
            _ => self.run_here(cx, work),
        }
    }

    fn ask_or_run(&mut self, ticket: u64, told: bool, cx: &mut Context<'_>, work: &mut dyn Work) {
        match self.ask(ticket, told, work.returned(), cx) {
            Poll::Pending => {}
            Poll::Ready(true) => self.given(work),
            Poll::Ready(false) => self.run_here(cx, work),
        }
    }

    fn run_here(&mut self, cx: &mut Context<'_>, work: &mut dyn Work) {
        // Caught, so that the followers learn of a panic; each panic goes on to its own caller.
        match catch_unwind(AssertUnwindSafe(|| self.run(|| work.run(cx)))) {
            Ok(Ran::Pending) => {}
            Ok(ran) => self.land(ran, work),
            Err(panic) => self.panicked(work, panic),
        }
    }

    /// The body ran elsewhere.
    #[cold]
    fn given(&mut self, work: &mut dyn Work) {
        let dropped = catch_unwind(AssertUnwindSafe(|| work.stop()));
        self.land_given(work);
        if let Err(panic) = dropped {
            unwind(work.returned(), panic);
        }
    }

    /// The body panicked, or, if it has returned, its destructor did.
    #[cold]
    fn panicked(&mut self, work: &mut dyn Work, panic: Panic) -> ! {
        let ran = work.returned().ran();
        if ran == Ran::Pending {
            // Its destructor may as well, and its caller has the first.
            let dropped = catch_unwind(AssertUnwindSafe(|| work.stop()));
            if let Err(panic) = dropped {
                discard(panic);
            }
            work.returned().tell();
            self.land_panicked(text(&*panic));
            resume_unwind(panic)
        }
        let end = || {
            work.returned().tell();
            self.land(ran, work);
        };
        // The followers have what there is, and the caller has the panic, unless another one comes first.
        match catch_unwind(AssertUnwindSafe(end)) {
            Ok(()) => unwind(work.returned(), panic),
            Err(other) => {
                discard(panic);
                resume_unwind(other)
            }
        }
    }
}

/// Goes on with a panic, and without what was returned.
fn unwind(returned: &mut dyn Return, panic: Panic) -> ! {
    aside(|| returned.discard());
    resume_unwind(panic)
}
