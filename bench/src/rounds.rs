//! Rounds: in each, every contender runs once, in an order that changes, so that what else the machine
//! does meets all of them alike.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    contender::Card,
    dice::shuffle,
    reading::{Faults, Reading},
    spread::Spread,
};

/// A contender in a workload, and what it read so far.
pub(crate) struct Lane {
    pub(crate) card: &'static Card,
    round: Box<dyn FnMut() -> Reading>,
    readings: Vec<Vec<f64>>,
    faults: Faults,
    spent: Duration,
}

/// What a contender read in all rounds.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) card: &'static Card,
    /// For each column.
    pub(crate) columns: Vec<Spread>,
    pub(crate) rounds: usize,
    pub(crate) faults: Faults,
}

impl Outcome {
    pub(crate) fn median(&self, at: usize) -> f64 {
        self.columns[at].median
    }

    /// As a multiple of this limit's, if that was measured.
    pub(crate) fn times(&self, at: usize, limit: &str, all: &[Self]) -> Option<f64> {
        Some(self.median(at) / named(limit, all)?.median(at))
    }

    /// How much it is more than this limit's, if that was measured.
    pub(crate) fn more(&self, at: usize, limit: &str, all: &[Self]) -> Option<f64> {
        Some(self.median(at) - named(limit, all)?.median(at))
    }
}

fn named<'a>(name: &str, all: &'a [Outcome]) -> Option<&'a Outcome> {
    all.iter().find(|outcome| outcome.card.name == name)
}

impl Lane {
    pub(crate) fn new(card: &'static Card, round: impl FnMut() -> Reading + 'static) -> Self {
        Self {
            card,
            round: Box::new(round),
            readings: Vec::new(),
            faults: Faults::default(),
            spent: Duration::ZERO,
        }
    }

    fn run(&mut self) {
        let start = Instant::now();
        let Reading { values, faults } = (self.round)();
        self.spent += start.elapsed();
        self.readings.push(values);
        self.faults.add(faults);
    }

    fn outcome(self) -> Outcome {
        let columns = self.readings.first().map_or(0, Vec::len);
        let column = |i| self.readings.iter().map(|reading| reading[i]).collect();
        Outcome {
            card: self.card,
            columns: (0..columns).filter_map(|i| Spread::of(column(i))).collect(),
            rounds: self.readings.len(),
            faults: self.faults,
        }
    }
}

/// Runs all lanes. Who has taken more than `patience` runs no more.
pub(crate) fn interleaved(mut lanes: Vec<Lane>, rounds: usize, patience: Duration) -> Vec<Outcome> {
    for round in 0..rounds {
        let mut order: Vec<_> = (0..lanes.len()).collect();
        shuffle(&mut order, round as u64);
        for i in order {
            let lane = &mut lanes[i];
            if lane.spent <= patience {
                lane.run();
            }
        }
    }
    lanes.into_iter().map(Lane::outcome).collect()
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane")
            .field("card", &self.card.name)
            .finish_non_exhaustive()
    }
}
