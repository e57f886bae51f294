//! One schedule: each step is done with the real calls and with the model, and both are compared.

use crate::pairs::{
    body::{Fate, Key, Record},
    caller::Caller,
    functions::Groups,
    home::{Home, Subject},
    model::Model,
    options::{Opt, Set},
    servers::Says,
    steps::{Step, config},
    threads::Thread,
};
use std::{
    collections::BTreeMap,
    fmt::{Arguments, Debug, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{runtime::Runtime, task::yield_now, time::advance};

/// Keys that no other schedule has.
pub(super) fn keys() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(16, SeqCst)
}

/// What is really there, and what has happened so far.
pub(super) struct Schedule<'s> {
    pub(super) subject: &'s Subject,
    pub(super) options: Set,
    pub(super) runtime: Runtime,
    pub(super) keys: u64,
    pub(super) groups: Groups,
    pub(super) home: Box<dyn Home>,
    pub(super) record: Arc<Record>,
    pub(super) model: Model,
    pub(super) callers: Vec<Caller>,
    pub(super) threads: BTreeMap<usize, Thread>,
    pub(super) next: usize,
    /// Whether it is known what should be.
    pub(super) is_clear: bool,
    story: String,
}

/// Runs the steps, and tells whether it was clear to the end what should be; an error is a disagreement, and how it came
/// to it.
pub(super) fn run(subject: &Subject, options: Set, steps: &[Step]) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let record: Arc<Record> = Arc::default();
    let groups = Groups::new(&record.alive);
    let mut schedule = Schedule {
        subject,
        options,
        runtime,
        keys: keys(),
        home: subject.home(options, &groups),
        groups,
        record,
        model: Model::new(options),
        callers: Vec::new(),
        threads: BTreeMap::new(),
        next: 0,
        is_clear: true,
        story: String::new(),
    };
    schedule.set_config(true);
    schedule.home.reset_stats();
    let done = schedule.go(steps);
    schedule.release();
    done.map(|()| schedule.is_clear)
        .map_err(|disagreement| format!("{}    {disagreement}", schedule.story))
}

impl Schedule<'_> {
    fn go(&mut self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            self.step(step)?;
            if !self.is_clear {
                return Ok(());
            }
        }
        self.end()
    }

    pub(super) fn blocks(&self) -> bool {
        self.options.has(Opt::Blocking)
    }

    pub(super) fn tell(&mut self, what: Arguments<'_>) {
        let _ = writeln!(self.story, "    {what}");
    }

    pub(super) fn key(&self, key: u8) -> Key {
        Key {
            number: self.keys + u64::from(key),
            _alive: Arc::clone(&self.record.alive),
        }
    }

    pub(super) fn run_tasks(&mut self, milliseconds: u64) {
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

    pub(super) fn say(&mut self, says: Says) {
        self.model.says = says;
        self.groups.across.servers.say(says);
    }

    pub(super) fn set_config(&mut self, enabled: bool) {
        self.model.enabled = enabled;
        self.home.set_config(config(self.options, enabled));
    }

    /// The callers go, or are answered, and nothing stays.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.tell(format_args!("all are dropped, and the bodies end"));
        self.say(Says::Run);
        while !self.callers.is_empty() {
            self.drop(0);
        }
        if !self.blocks() {
            let numbers = self.model.unfinished().into_iter();
            numbers.for_each(|number| self.record.finish(number, Fate::Ok));
        }
        self.run_tasks(0);
        while !self.threads.is_empty() {
            for number in self.model.running() {
                self.record.finish(number, Fate::Ok);
            }
            self.settle()?;
            if !self.is_clear {
                return Ok(());
            }
        }
        self.compare()?;
        agree("in flight", self.home.stats().in_flight, 0)?;
        agree("leads elsewhere", self.groups.across.servers.leads(), 0)?;
        agree("tasks", self.runtime.metrics().num_alive_tasks(), 0)?;
        agree(
            "shares of keys, values and bodies",
            Arc::strong_count(&self.record.alive),
            // The servers' one beside the record's.
            2,
        )
    }

    pub(super) fn compare(&self) -> Result<(), String> {
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
