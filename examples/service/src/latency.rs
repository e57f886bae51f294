//! How long callers waited for their answers, with coalescing and without.
//!
//! 1. [`watch`] times each request, for the state of the switch at its start.
//! 2. A [`tick`](Latencies::tick) closes an interval.
//! 3. What is [`recent`](Latencies::recent) are the last intervals in which there were answers: after
//!    a turn of the switch both states can be compared.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::{shop::FUNCTIONS, switch::Switch};

/// How many intervals are recent.
const RECENT: usize = 10;

#[derive(Debug)]
pub(crate) struct Latencies {
    switch: Arc<Switch>,
    functions: Mutex<[ByState<Times>; FUNCTIONS.len()]>,
}

/// One with coalescing, and one without.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct ByState<T> {
    pub(crate) on: T,
    pub(crate) off: T,
}

#[derive(Debug)]
struct Times {
    current: Histogram<u32>,
    recent: VecDeque<Histogram<u32>>,
}

/// Of so many in a hundred: no caller waited longer, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Latencies {
    pub(crate) fn new(switch: Arc<Switch>) -> Self {
        Self {
            switch,
            functions: Mutex::default(),
        }
    }

    /// Closes the interval: what was waited in it, for each function and for all.
    pub(crate) fn tick(&self) -> ([Option<Percentiles>; FUNCTIONS.len()], Option<Percentiles>) {
        let mut all = histogram();
        let mut functions = self.lock();
        let each = functions.each_mut().map(|function| {
            let mut both = histogram();
            for times in [&mut function.on, &mut function.off] {
                add(&mut both, &times.current);
                times.close();
            }
            add(&mut all, &both);
            percentiles(&both)
        });
        (each, percentiles(&all))
    }

    /// The last intervals with answers, for each function and for all.
    pub(crate) fn recent(
        &self,
    ) -> (
        [ByState<Option<Percentiles>>; FUNCTIONS.len()],
        ByState<Option<Percentiles>>,
    ) {
        let mut all = ByState {
            on: histogram(),
            off: histogram(),
        };
        let each = self.lock().each_ref().map(|function| {
            let (on, off) = (function.on.merged(), function.off.merged());
            add(&mut all.on, &on);
            add(&mut all.off, &off);
            ByState {
                on: percentiles(&on),
                off: percentiles(&off),
            }
        });
        let all = ByState {
            on: percentiles(&all.on),
            off: percentiles(&all.off),
        };
        (each, all)
    }

    pub(crate) fn reset(&self) {
        *self.lock() = Default::default();
    }

    fn record(&self, function: &'static str, on: bool, waited: Duration) {
        let state = if on { "on" } else { "off" };
        metrics::histogram!("http_request_duration_seconds", "route" => function, "coalescing" => state)
            .record(waited);
        let Some(place) = FUNCTIONS.iter().position(|&name| name == function) else {
            return;
        };
        let mut functions = self.lock();
        let times = match on {
            true => &mut functions[place].on,
            false => &mut functions[place].off,
        };
        let microseconds = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        times.current.saturating_record(microseconds);
    }

    fn lock(&self) -> MutexGuard<'_, [ByState<Times>; FUNCTIONS.len()]> {
        self.functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The middleware: from the request to its answer.
pub(crate) async fn watch(
    State((latencies, function)): State<(Arc<Latencies>, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let (on, asked) = (latencies.switch.is_on(), Instant::now());
    let response = next.run(request).await;
    latencies.record(function, on, asked.elapsed());
    response
}

impl Times {
    fn close(&mut self) {
        if self.current.is_empty() {
            return;
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent
            .push_back(std::mem::replace(&mut self.current, histogram()));
    }

    fn merged(&self) -> Histogram<u32> {
        let mut merged = histogram();
        for interval in &self.recent {
            add(&mut merged, interval);
        }
        merged
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            current: histogram(),
            recent: VecDeque::new(),
        }
    }
}

/// Of microseconds, to a minute, two digits of each.
pub(crate) fn histogram() -> Histogram<u32> {
    Histogram::new_with_bounds(1, 60_000_000, 2).expect("these bounds are in order")
}

fn add(to: &mut Histogram<u32>, from: &Histogram<u32>) {
    to.add(from).expect("both have the same bounds");
}

fn percentiles(of: &Histogram<u32>) -> Option<Percentiles> {
    let milliseconds = |percentile| of.value_at_percentile(percentile) as f64 / 1e3;
    (!of.is_empty()).then(|| Percentiles {
        p50: milliseconds(50.0),
        p99: milliseconds(99.0),
    })
}
