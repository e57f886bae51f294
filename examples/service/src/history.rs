//! The last minute, as the page shows it.
//!
//! 1. Each half second a task takes a sample: what came, what ran, and how long callers waited.
//! 2. A page asks for the samples [from](History::from) the first on that it doesn't have.
//! 3. A reset drops the samples, and `oldest` says that those before are gone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use coalesced::Stats;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    latency::{Latencies, Percentiles},
    shop::{self, FUNCTIONS, Shop},
    statements,
    switch::Switch,
};

const INTERVAL: Duration = Duration::from_millis(500);

/// A minute.
const LENGTH: usize = 120;

#[derive(Debug)]
pub(crate) struct History {
    /// Its groups are looked at for as long as this takes samples, also while the service stops.
    _shop: Shop,
    switch: Arc<Switch>,
    latencies: Arc<Latencies>,
    samples: Mutex<Samples>,
}

#[derive(Debug)]
struct Samples {
    samples: VecDeque<Sample>,
    /// The number of the next sample.
    next: u64,
    /// What the next one is the difference to.
    last: Totals,
}

#[derive(Debug, Clone, Copy)]
struct Totals {
    at: Instant,
    statements: u64,
    stats: [Stats; FUNCTIONS.len()],
}

/// Samples, and which there are.
#[derive(Debug, Serialize)]
pub(crate) struct Known {
    /// The number of the first that is kept.
    oldest: u64,
    /// The number of the next one.
    next: u64,
    samples: Vec<Sample>,
}

/// What happened in one interval.
#[derive(Debug, Clone, Serialize)]
struct Sample {
    number: u64,
    coalescing: bool,
    seconds: f64,
    /// That the database ran.
    queries: u64,
    latency: Option<Percentiles>,
    functions: Vec<Moment>,
}

#[derive(Debug, Clone, Serialize)]
struct Moment {
    calls: u64,
    executions: u64,
    latency: Option<Percentiles>,
}

impl History {
    /// Each function has been called once; the history begins after that.
    pub(crate) fn start(shop: Shop, switch: Arc<Switch>, latencies: Arc<Latencies>) -> Arc<Self> {
        let history = Arc::new(Self {
            _shop: shop,
            switch,
            latencies,
            samples: Mutex::new(Samples {
                samples: VecDeque::new(),
                next: 0,
                last: Totals::now(),
            }),
        });
        history.reset();
        let sampled = Arc::clone(&history);
        tokio::spawn(async move {
            let mut ticks = interval(INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await; // the first is at once
            loop {
                ticks.tick().await;
                sampled.sample();
            }
        });
        history
    }

    /// Counts from now on.
    pub(crate) fn reset(&self) {
        for group in shop::groups() {
            group.reset_stats();
        }
        self.latencies.reset();
        let mut samples = self.lock();
        samples.samples.clear();
        samples.last = Totals::now();
    }

    pub(crate) fn from(&self, number: u64) -> Known {
        let samples = self.lock();
        let wanted = |sample: &&Sample| sample.number >= number;
        Known {
            oldest: samples.next - samples.samples.len() as u64,
            next: samples.next,
            samples: samples.samples.iter().filter(wanted).cloned().collect(),
        }
    }

    fn sample(&self) {
        let (each, latency) = self.latencies.tick();
        let mut samples = self.lock();
        let (before, now) = (samples.last, Totals::now());
        let functions = (0..FUNCTIONS.len())
            .map(|place| Moment {
                calls: now.stats[place]
                    .calls
                    .saturating_sub(before.stats[place].calls),
                executions: (now.stats[place].bodies())
                    .saturating_sub(before.stats[place].bodies()),
                latency: each[place],
            })
            .collect();
        let sample = Sample {
            number: samples.next,
            coalescing: self.switch.is_on(),
            seconds: (now.at - before.at).as_secs_f64(),
            queries: now.statements - before.statements,
            latency,
            functions,
        };
        if samples.samples.len() == LENGTH {
            samples.samples.pop_front();
        }
        samples.samples.push_back(sample);
        samples.next += 1;
        samples.last = now;
    }

    fn lock(&self) -> MutexGuard<'_, Samples> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Totals {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            statements: statements::count(),
            stats: shop::groups().map(|group| group.stats()),
        }
    }
}
