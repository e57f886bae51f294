//! What contenders are asked to do.

mod fan_in;
mod lone;
mod open;
mod pool;
mod threads;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

use crate::{
    body::{Gate, Tally},
    contender::{Card, Contender, Side},
    contenders::{Stage, enter_all},
    key::Key,
    rounds::{Lane, Outcome, interleaved},
    sheet::Sheet,
};
use threads::Keys;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    Lone,
    FanIn,
    HotKey,
    ManyKeys,
    Open,
    Pool,
}

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Full,
    Quick,
}

impl Effort {
    /// Who took longer than this takes part in no further round.
    fn patience(self) -> Duration {
        Duration::from_secs(if self == Self::Full { 20 } else { 1 })
    }
}

impl Workload {
    pub(crate) const ALL: [Self; 6] = [
        Self::Lone,
        Self::FanIn,
        Self::HotKey,
        Self::ManyKeys,
        Self::Open,
        Self::Pool,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lone => "lone",
            Self::FanIn => "fan-in",
            Self::HotKey => "hot-key",
            Self::ManyKeys => "many-keys",
            Self::Open => "open",
            Self::Pool => "pool",
        }
    }

    /// Whether it is also run with keys that are no `Copy`.
    pub(crate) fn takes_texts(self) -> bool {
        matches!(self, Self::Lone | Self::FanIn | Self::Open)
    }

    pub(crate) fn rounds(self, effort: Effort) -> usize {
        let (full, quick) = match self {
            Self::Lone => (61, 9),
            Self::FanIn => (21, 3),
            Self::HotKey | Self::ManyKeys => (31, 5),
            Self::Open => (7, 3),
            Self::Pool => (11, 3),
        };
        if effort == Effort::Full { full } else { quick }
    }

    pub(crate) fn sheet<K: Key>(self, effort: Effort) -> Sheet {
        match self {
            Self::Lone => lone::sheet::<K>(),
            Self::FanIn => fan_in::sheet::<K>(),
            Self::HotKey => threads::hot_key(),
            Self::ManyKeys => threads::many_keys(),
            Self::Open => open::sheet::<K>(effort),
            Self::Pool => pool::sheet(),
        }
    }

    /// Measures the limits, and every contender whose name contains `only`; and says who can't do it,
    /// and why.
    pub(crate) fn run<K: Key>(self, effort: Effort, only: &str) -> (Vec<Outcome>, Vec<Absent>) {
        let mut lanes = Lanes {
            workload: self,
            effort,
            only,
            lanes: vec![],
            absent: vec![],
        };
        enter_all::<K>(&mut lanes);
        (
            interleaved(lanes.lanes, self.rounds(effort), effort.patience()),
            lanes.absent,
        )
    }
}

/// Who can't do it, and why.
pub(crate) type Absent = (&'static Card, &'static str);

struct Lanes<'a> {
    workload: Workload,
    effort: Effort,
    only: &'a str,
    lanes: Vec<Lane>,
    absent: Vec<Absent>,
}

impl<K: Key> Stage<K> for Lanes<'_> {
    fn enter<C: Contender<K>>(&mut self, card: &'static Card, new: fn() -> C) {
        if card.side != Side::Limit && !card.name.contains(self.only) {
            return;
        }
        if let Some(reason) = card.cannot(self.workload) {
            // A limit is of what it can do.
            if card.side != Side::Limit {
                self.absent.push((card, reason));
            }
            return;
        }
        let (tally, gate, contender) = (Tally::new(), Gate::new(), Arc::new(new()));
        let (side, effort) = (card.side, self.effort);
        self.lanes.push(match self.workload {
            Workload::Lone => Lane::new(card, move || lone::round::<K>(&*contender, tally)),
            Workload::FanIn => {
                Lane::new(card, move || fan_in::round::<K>(&*contender, tally, gate))
            }
            Workload::HotKey => Lane::new(card, move || {
                threads::round::<K, C>(&contender, two_threads(), Keys::One, side)
            }),
            Workload::ManyKeys => Lane::new(card, move || {
                threads::round::<K, C>(&contender, two_threads(), Keys::AMillion, side)
            }),
            Workload::Open => {
                let mut peaks = Vec::new();
                Lane::new(card, move || {
                    open::round::<K>(&new(), tally, gate, open::sizes(effort), &mut peaks)
                })
            }
            Workload::Pool => {
                let mut rounds = 0;
                Lane::new(card, move || {
                    rounds += 1;
                    pool::round::<K, C>(&contender, two_threads(), side, rounds)
                })
            }
        });
    }
}

fn two_threads() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build();
        runtime.expect("the system lets us start two threads")
    })
}
