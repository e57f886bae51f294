//! What contenders are asked to do, by name: each says of these what it can't do.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    Lone,
    FanIn,
    HotKey,
    SlowBodies,
    ManyKeys,
    Open,
    Pool,
    Http,
}

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Full,
    Quick,
}

impl Effort {
    /// Who took longer than this takes part in no further round.
    pub(crate) fn patience(self) -> Duration {
        Duration::from_secs(if self == Self::Full { 20 } else { 2 })
    }
}

impl Workload {
    pub(crate) const ALL: [Self; 8] = [
        Self::Lone,
        Self::FanIn,
        Self::HotKey,
        Self::SlowBodies,
        Self::ManyKeys,
        Self::Open,
        Self::Pool,
        Self::Http,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lone => "lone",
            Self::FanIn => "fan-in",
            Self::HotKey => "hot-key",
            Self::SlowBodies => "slow-bodies",
            Self::ManyKeys => "many-keys",
            Self::Open => "open",
            Self::Pool => "pool",
            Self::Http => "http",
        }
    }

    /// Whether it is also run with keys that are no `Copy`.
    pub(crate) fn takes_texts(self) -> bool {
        matches!(self, Self::Lone | Self::FanIn | Self::Open)
    }

    pub(crate) fn rounds(self, effort: Effort) -> usize {
        let (full, quick) = match self {
            Self::Lone => (501, 101),
            Self::FanIn => (21, 7),
            Self::HotKey | Self::ManyKeys => (151, 21),
            Self::SlowBodies => (21, 5),
            Self::Open => (7, 3),
            Self::Pool => (11, 3),
            Self::Http => (301, 51),
        };
        if effort == Effort::Full { full } else { quick }
    }
}
