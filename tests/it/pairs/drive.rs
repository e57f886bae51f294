//! The steps, each done with the calls and with the model.

use crate::pairs::{
    body::{Body, Fate},
    caller::{Caller, call},
    functions::Call,
    model::Model,
    options::Opt,
    outcome::Seen,
    schedule::{Schedule, agree},
    steps::{CALLERS, Step, Wish},
};
use coalesced::forget;
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

impl Schedule<'_> {
    pub(super) fn step(&mut self, step: &Step) -> Result<(), String> {
        let caller = |index: &usize| index % self.callers.len().max(1);
        match step {
            Step::Start { .. } if !self.has_room() => return Ok(()),
            Step::Start {
                key,
                bypass,
                wishes,
                fate,
            } => self.start(*key, *bypass, wishes, *fate)?,
            Step::Poll(index) if !self.callers.is_empty() => self.poll(caller(index))?,
            Step::Drop(index) if !self.callers.is_empty() => self.drop(caller(index)),
            Step::Finish(index, fate) => {
                let numbers = match self.blocks() {
                    true => self.model.running(),
                    false => self.model.unfinished(),
                };
                if let Some(number) = numbers.get(index % numbers.len().max(1)) {
                    self.tell(format_args!("the body of {number} is to end: {fate:?}"));
                    self.record.finish(*number, *fate);
                }
            }
            Step::Forget(key) => {
                self.tell(format_args!("forget key {key}"));
                let forgot = self.forget(*key)?;
                let forgets = self.model.forget(*key);
                agree("forgot", forgot, forgets)?;
            }
            Step::ForgetAll => {
                self.tell(format_args!("forget all"));
                self.home.forget_all();
                self.model.forget_all();
            }
            Step::Pass(milliseconds) => {
                self.tell(format_args!("{milliseconds} ms pass, and the tasks run"));
                self.run_tasks(*milliseconds);
            }
            Step::RunTasks => {
                self.tell(format_args!("the tasks run"));
                self.run_tasks(0);
            }
            Step::Switch => {
                let enabled = !self.model.enabled;
                self.tell(format_args!("enabled({enabled})"));
                self.set_config(enabled);
            }
            Step::Say(says) => {
                self.tell(format_args!("the other servers say {says:?}"));
                self.say(*says);
            }
            Step::Poll(_) | Step::Drop(_) => return Ok(()),
        }
        match self.blocks() {
            true => self.settle(),
            false => self.compare(),
        }
    }

    /// Whether there may be another caller. When the time of a thread that waits began can't be seen, so
    /// where it is limited only one waits: whom others join would depend on it.
    fn has_room(&self) -> bool {
        let is_timed = self.blocks() && self.options.has(Opt::MaxWait);
        self.callers.len() + self.threads.len() < CALLERS
            && !(is_timed && self.model.stats().waiting > 0)
    }

    fn forget(&self, key: u8) -> Result<bool, String> {
        if let Some(forgot) = self.home.forget(&self.key(key)) {
            return Ok(forgot);
        }
        let call = (self.subject.function.call)(self.call(key, true, usize::MAX));
        match pin!(forget(call)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(forgot) => Ok(forgot),
            Poll::Pending => Err(format!("to forget {key} has to wait")),
        }
    }

    /// What the function is called with.
    fn call(&self, key: u8, bypass: bool, caller: usize) -> Call {
        Call {
            key: self.key(key),
            bypass,
            body: Body {
                caller,
                record: Arc::clone(&self.record),
            },
            groups: self.groups.clone(),
        }
    }

    fn start(&mut self, key: u8, bypass: bool, wishes: &[Wish], fate: Fate) -> Result<(), String> {
        let number = self.next;
        self.next += 1;
        let bypassed = if bypass { ", bypassed" } else { "" };
        self.tell(format_args!(
            "{number} starts: key {key}{bypassed} {wishes:?} {fate:?}"
        ));
        self.record.finish(number, fate);
        let arguments = self.call(key, bypass, number);
        let call = call(&self.subject.function, arguments, wishes);
        if self.blocks() {
            let seen = Seen::nothing();
            self.model.start(number, key, bypass, wishes, &seen);
            self.start_thread(number, call);
            return self.go_on(number);
        }
        self.callers.push(Caller::new(number, call));
        self.poll_once(self.callers.len() - 1, |model, seen| {
            model.start(number, key, bypass, wishes, seen);
        })
    }

    fn poll(&mut self, index: usize) -> Result<(), String> {
        let number = self.callers[index].number;
        self.tell(format_args!("{number} is polled"));
        self.poll_once(index, |_, _| {})
    }

    /// `start`: what else the poll is for the model.
    fn poll_once(
        &mut self,
        index: usize,
        start: impl FnOnce(&mut Model, &Seen),
    ) -> Result<(), String> {
        let _context = self.runtime.enter();
        let number = self.callers[index].number;
        let polled = self.callers[index].poll();
        let seen = Seen {
            asks: polled.is_pending() && self.callers[index].is_woken(),
            stats: self.home.stats(),
        };
        start(&mut self.model, &seen);
        let expected = self.model.poll(number, self.record.fate(number), &seen);
        let ((outcome, reports), (expected, told)) = match (polled, expected) {
            (Poll::Pending, None) => return Ok(()),
            (Poll::Ready(got), Some(expected)) => (got, expected),
            (polled, expected) => {
                return Err(format!(
                    "{number} got {polled:?}, and should get {expected:?}"
                ));
            }
        };
        agree(&format!("{number} got"), outcome, expected)?;
        for report in reports {
            agree(&format!("{number} is told"), report, Some(told))?;
        }
        self.callers.remove(index);
        Ok(())
    }

    pub(super) fn drop(&mut self, index: usize) {
        let caller = self.callers.remove(index);
        self.tell(format_args!("{} is dropped", caller.number));
        self.model.drop(caller.number);
        drop(caller);
    }
}
