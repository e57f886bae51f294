//! How a call comes to its end: by a value of another's body, or of its own. One code for all bodies and values.

use std::{
    any::Any,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    task::{Context, Poll},
};

use crate::{
    call::{
        across::{Brief, Lead},
        caller::Caller,
        max_wait::Driver,
        returned::{Ran, Return},
        wait::Turn,
        work::Work,
    },
    flight::{caller_state::CallerState, map::FlightMap},
    key::Key,
    panic::{aside, discard, text},
};

type Panic = Box<dyn Any + Send>;

impl<H: Deref<Target = FlightMap<K>>, K: Send + Sync + 'static> Caller<H, K> {
    /// A poll of the call, which joins with its key if it has not yet. Where it came to its end, what it returns is in
    /// `work`.
    pub(super) fn drive<Q: Key<K>>(
        &mut self,
        key: &mut Option<Q>,
        cx: &mut Context<'_>,
        work: &mut dyn Work,
    ) {
        match key {
            Some(_) => self.join_and_go(key, cx, work),
            None => self.go(cx, work),
        }
    }

    // Not inlined, nor is `wait_or_run`: who has joined already needs no room on the stack for what it takes to join.
    #[inline(never)]
    fn join_and_go<Q: Key<K>>(
        &mut self,
        key: &mut Option<Q>,
        cx: &mut Context<'_>,
        work: &mut dyn Work,
    ) {
        if let Some(key) = key.take() {
            self.join_here(&key, Driver::Task, Some(cx.waker()));
        }
        if !self.waits() {
            self.go(cx, work);
        }
    }

    /// The same for a group that is not for this process alone, as far as it joins: whether the call waits.
    pub(super) fn waits_across<Q: Key<K>, V, L: Lead<V> + Brief<Q>>(
        &mut self,
        key: &mut Option<Q>,
        lead: &mut L,
        cx: &mut Context<'_>,
    ) -> bool {
        let Some(key) = key.take() else {
            return false;
        };
        self.join_across(&key, Driver::Task, lead, Some(cx.waker()));
        self.waits()
    }
}

impl<H: Deref<Target = FlightMap<K>>, K: 'static> Caller<H, K> {
    /// Whether it has come to wait with its waker in the list.
    #[inline(always)]
    fn waits(&self) -> bool {
        let waits = matches!(&self.state, CallerState::Follower(follower) if follower.has_waker());
        if waits {
            self.refuse_cycle();
        }
        waits
    }

    /// The same for who has joined.
    #[inline]
    fn go(&mut self, cx: &mut Context<'_>, work: &mut dyn Work) {
        match self.state {
            CallerState::Leader { .. } | CallerState::Alone => self.run_here(cx, work),
            _ => self.wait_or_run(cx, work),
        }
    }

    #[inline(never)]
    fn wait_or_run(&mut self, cx: &mut Context<'_>, work: &mut dyn Work) {
        match self.wait(cx) {
            Poll::Pending => {}
            Poll::Ready(Turn::Landed(landing)) => work.collect(landing),
            Poll::Ready(Turn::Run) => match self.state {
                CallerState::Elsewhere { ticket, told } => self.ask_or_run(ticket, told, cx, work),
                _ => self.run_here(cx, work),
            },
        }
    }

    /// Asks whether another server runs the body, or polls it.
    fn ask_or_run(&mut self, ticket: u64, told: bool, cx: &mut Context<'_>, work: &mut dyn Work) {
        match self.ask(ticket, told, work.returned(), cx) {
            Poll::Pending => {}
            Poll::Ready(true) => self.given(work),
            Poll::Ready(false) => self.run_here(cx, work),
        }
    }

    /// Polls the body.
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
