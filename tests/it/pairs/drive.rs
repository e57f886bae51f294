//! One schedule: each step is done with the real calls and with the model, and both are compared.

use crate::pairs::{
    body::{Body, Fate, Key, Record},
    caller::{Caller, call},
    functions::{Call, Groups},
    home::{Home, Subject},
    model::{Model, Seen},
    options::Set,
    steps::{CALLERS, Step, Wish, config},
};
use std::{
    fmt::{Debug, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};
use tokio::{runtime::Runtime, task::yield_now, time::advance};

/// Keys that no other schedule has.
pub(super) fn keys() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(16, SeqCst)
}

/// What is really there, and what has happened so far.
struct Schedule<'s> {
    subject: &'s Subject,
    options: Set,
    runtime: Runtime,
    keys: u64,
    groups: Groups,
    home: Home,
    record: Arc<Record>,
    model: Model,
    callers: Vec<Caller>,
    next: usize,
    story: String,
}

/// Runs the steps; an error is a disagreement, and how it came to it.
pub(super) fn run(subject: &Subject, options: Set, steps: &[Step]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let groups = Groups::default();
    let mut schedule = Schedule {
        subject,
        options,
        runtime,
        keys: keys(),
        home: subject.home(options, &groups),
        groups,
        record: Arc::default(),
        model: Model::new(options),
        callers: Vec::new(),
        next: 0,
        story: String::new(),
    };
    schedule.set_config(true);
    schedule.home.reset_stats();
    let mut done = steps.iter().try_for_each(|step| schedule.step(step));
    if done.is_ok() {
        done = schedule.end();
    }
    done.map_err(|disagreement| format!("{}    {disagreement}", schedule.story))
}

impl Schedule<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        let caller = |index: &usize| index % self.callers.len().max(1);
        match step {
            Step::Start { .. } if self.callers.len() == CALLERS => return Ok(()),
            Step::Start {
                key,
                bypass,
                wishes,
                fate,
            } => self.start(*key, *bypass, wishes, *fate)?,
            Step::Poll(index) if !self.callers.is_empty() => self.poll(caller(index))?,
            Step::Drop(index) if !self.callers.is_empty() => self.drop(caller(index)),
            Step::Finish(index, fate) => {
                let numbers = self.model.unfinished();
                if let Some(number) = numbers.get(index % numbers.len().max(1)) {
                    self.tell(format_args!("the body of {number} is to end: {fate:?}"));
                    self.record.finish(*number, *fate);
                }
            }
            Step::Forget(key) => {
                self.tell(format_args!("forget key {key}"));
                let forgot = self.home.forget(&self.key(*key));
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
            Step::Poll(_) | Step::Drop(_) => return Ok(()),
        }
        self.compare()
    }

    fn tell(&mut self, what: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.story, "    {what}");
    }

    fn key(&self, key: u8) -> Key {
        Key {
            number: self.keys + u64::from(key),
            _alive: Arc::clone(&self.record.alive),
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
        let arguments = Call {
            key: self.key(key),
            bypass,
            body: Body {
                caller: number,
                record: Arc::clone(&self.record),
            },
            groups: self.groups.clone(),
        };
        let call = call(&self.subject.function, arguments, wishes);
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

    fn drop(&mut self, index: usize) {
        let caller = self.callers.remove(index);
        self.tell(format_args!("{} is dropped", caller.number));
        self.model.drop(caller.number);
        drop(caller);
    }

    fn run_tasks(&mut self, milliseconds: u64) {
        let advances = async {
            if milliseconds > 0 {
                advance(Duration::from_millis(milliseconds)).await;
            }
            for _ in 0..4 {
                yield_now().await;
            }
        };
        self.runtime.block_on(advances);
        self.model.now += milliseconds;
        self.model.run_tasks(|number| self.record.fate(number));
    }

    fn set_config(&mut self, enabled: bool) {
        self.model.enabled = enabled;
        self.home.set_config(config(self.options, enabled));
    }

    /// The callers go, or are answered, and nothing stays.
    fn end(&mut self) -> Result<(), String> {
        self.tell(format_args!("all are dropped, and the bodies end"));
        while !self.callers.is_empty() {
            self.drop(0);
        }
        for number in self.model.unfinished() {
            self.record.finish(number, Fate::Ok);
        }
        self.run_tasks(0);
        self.compare()?;
        agree("in flight", self.home.stats().in_flight, 0)?;
        agree("tasks", self.runtime.metrics().num_alive_tasks(), 0)?;
        agree(
            "shares of keys, values and bodies",
            Arc::strong_count(&self.record.alive),
            1,
        )
    }

    fn compare(&self) -> Result<(), String> {
        agree("running", self.record.running(), self.model.running())?;
        agree("stats", self.home.stats(), self.model.stats())?;
        for caller in &self.callers {
            let due = self
                .model
                .is_due(caller.number, self.record.fate(caller.number));
            if due && !caller.is_woken() {
                return Err(format!("{} was not woken", caller.number));
            }
        }
        Ok(())
    }
}

pub(super) fn agree<T: PartialEq + Debug>(what: &str, is: T, should_be: T) -> Result<(), String> {
    if is == should_be {
        return Ok(());
    }
    Err(format!("{what}: {is:?}, and should be {should_be:?}"))
}
