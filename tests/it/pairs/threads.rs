//! Callers that block: each on a thread, which goes on by itself as soon as it can. The model follows: where it is
//! open who goes first, it is the one whose body is seen.
//!
//! A thread waits for `max_wait` in real time, while the model's passes step by step: a schedule in which a thread may
//! have had enough in the middle of a step, since the machine is busy, can't be followed.

use crate::pairs::{
    body::Fate,
    caller::{Answered, Ended, ended},
    functions::Calling,
    outcome::{Seen, Told},
    schedule::{Schedule, agree},
    steps::MAX_WAIT,
};
use coalesced::Role;
use futures::executor::block_on;
use std::{
    thread::{self, JoinHandle, yield_now},
    time::{Duration, Instant},
};

pub(super) struct Thread {
    ended: JoinHandle<Option<Ended>>,
    started: Instant,
}

/// How long a thread may take for what it can do at once.
const AT_ONCE: Duration = Duration::from_secs(3);

impl Schedule<'_> {
    pub(super) fn start_thread(&mut self, number: usize, call: Calling<Answered>) {
        let runtime = self.runtime.handle().clone();
        let started = Instant::now();
        let ended = thread::spawn(move || {
            let _context = runtime.enter();
            ended(|| Some(block_on(call)))
        });
        self.threads.insert(number, Thread { ended, started });
    }

    /// All go on who can.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        let start = Instant::now();
        self.is_clear = self.overtaken().is_none();
        while self.is_clear {
            let running = self.record.running();
            match (self.first_due(), self.overtaken()) {
                (Some(_), Some(_)) => self.is_clear = false,
                (Some(due), None) if start.elapsed() > AT_ONCE => {
                    return Err(format!("of {due:?} nobody goes on"));
                }
                (Some(Due::Certainly(number)), None) => self.go_on(number)?,
                (Some(Due::One(of)), None) => {
                    if let Some(number) = of.into_iter().find(|number| running.contains(number)) {
                        self.go_on(number)?;
                    }
                }
                // All have done what they can, and it waits for nothing but its time.
                (None, Some(left)) => self.run_tasks(left),
                (None, None) => {
                    let compared = self.compare();
                    let waits = |number: &usize| self.model.patience(*number).is_some();
                    let is_hasty = running.iter().any(waits);
                    if compared.is_ok() || is_hasty || start.elapsed() > AT_ONCE {
                        return compared;
                    }
                }
            }
            yield_now();
        }
        Ok(())
    }

    /// For how long one still waits by the model that has waited long enough by the clock.
    fn overtaken(&self) -> Option<u64> {
        let enough = Duration::from_millis(MAX_WAIT);
        let mut threads = self.threads.iter();
        threads.find_map(|(number, thread)| {
            let left = self.model.patience(*number)?;
            (thread.started.elapsed() >= enough).then_some(left)
        })
    }

    /// After a disagreement, and where it was not clear: the threads end, so that they don't meet those of the next
    /// schedule.
    pub(super) fn release(&self) {
        let start = Instant::now();
        let is_finished = |thread: &Thread| thread.ended.is_finished();
        while !self.threads.values().all(is_finished) && start.elapsed() < AT_ONCE {
            (0..self.next).for_each(|number| self.record.finish(number, Fate::Ok));
            yield_now();
        }
    }

    fn first_due(&self) -> Option<Due> {
        let numbers = self.threads.keys().copied();
        let due = |number: &usize| self.model.is_due(*number, self.record.fate(*number));
        let due: Vec<_> = numbers.filter(due).collect();
        let certain = due.iter().find(|number| self.model.is_certain(**number));
        match certain {
            Some(number) => Some(Due::Certainly(*number)),
            None if due.is_empty() => None,
            None => Some(Due::One(due)),
        }
    }

    pub(super) fn go_on(&mut self, number: usize) -> Result<(), String> {
        let fate = self.record.fate(number);
        let polled = self.model.poll(number, fate, &Seen::nothing());
        let (Some((expected, told)), Some(thread)) = (polled, self.threads.get(&number)) else {
            return Ok(());
        };
        let start = Instant::now();
        while !thread.ended.is_finished() {
            if start.elapsed() > AT_ONCE {
                return Err(format!("{number} got nothing, and should get {expected:?}"));
            }
            yield_now();
        }
        let thread = self.threads.remove(&number);
        let ended = thread.and_then(|thread| thread.ended.join().ok().flatten());
        let (outcome, reports) = ended.ok_or("a thread panicked")?;
        agree(&format!("{number} got"), outcome, expected)?;
        for report in reports {
            agree(
                &format!("{number} is told"),
                report.map(sure),
                Some(sure(told)),
            )?;
        }
        Ok(())
    }
}

/// What is told of a thread, without how long it waited, which is not to the millisecond, and, of one that went
/// alone, without the takeovers of those whom it left at that moment.
fn sure((role, _, takeovers, elsewhere): Told) -> (Role, Option<u64>, bool) {
    (
        role,
        Some(takeovers).filter(|_| role != Role::Alone),
        elsewhere,
    )
}

/// Who can go on.
#[derive(Debug)]
enum Due {
    Certainly(usize),
    /// One of these, who will be seen.
    One(Vec<usize>),
}
