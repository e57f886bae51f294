//! What is seen of a call: how it goes on, how it ends, and what is told of it.

use crate::pairs::body::{Answer, Fate};
use coalesced::{Report, Role, Stats};

/// How a call ends; callers are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Value { from: usize },
    Failure { from: usize, copied: bool },
    OwnPanic { from: usize },
    OthersPanic,
}

impl Outcome {
    pub(super) fn of(answer: Answer) -> Self {
        match answer {
            Ok(value) => Self::Value { from: value.from },
            Err(error) => Self::Failure {
                from: error.from,
                copied: error.copied,
            },
        }
    }

    /// What a body that ends so gives to its own caller.
    pub(super) fn own(from: usize, fate: Fate) -> Self {
        match fate {
            Fate::Err => Self::Failure {
                from,
                copied: false,
            },
            Fate::Panics => Self::OwnPanic { from },
            Fate::Ok | Fate::Waits => Self::Value { from },
        }
    }

    /// What it gives to the others; `copied`: errors by `clone_err`.
    pub(super) fn shared(from: usize, fate: Fate, copied: bool) -> Self {
        match Self::own(from, fate) {
            Self::Failure { from, .. } => Self::Failure { from, copied },
            Self::OwnPanic { .. } => Self::OthersPanic,
            value => value,
        }
    }
}

/// What `observe` tells: the role, how many milliseconds it waited, the takeovers of its flight, and whether it led and
/// was given a value elsewhere.
pub(super) type Told = (Role, u64, u64, bool);

pub(super) fn told(report: Report) -> Told {
    let waited = report.waited.as_millis().try_into().unwrap_or(u64::MAX);
    (report.role, waited, report.takeovers, report.elsewhere)
}

/// What is left open: who leads next. It is seen after the poll, and the model goes on from there.
pub(super) struct Seen {
    /// Whether the caller has asked to be polled once more.
    pub(super) asks: bool,
    pub(super) stats: Stats,
}

impl Seen {
    pub(super) fn nothing() -> Self {
        Self {
            asks: false,
            stats: Stats::default(),
        }
    }
}
