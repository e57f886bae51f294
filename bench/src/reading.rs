//! What one round of one contender says.

use crate::number::short;

/// A number for each column of the workload's table, and what was wrong.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) values: Vec<f64>,
    pub(crate) faults: Faults,
}

/// What the checks found, counted. All zero with a contender that keeps its word.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Faults {
    /// More bodies than there should be.
    pub(crate) extra: u64,
    /// Fewer.
    pub(crate) missing: u64,
    /// Values that are of another call than they can be of.
    pub(crate) wrong: u64,
    /// Values that a caller had got before: of a flight that had landed.
    pub(crate) stale: u64,
    /// Bodies that ran beside another one of their key.
    pub(crate) overlapping: u64,
    /// Callers that were never answered.
    pub(crate) stuck: u64,
}

impl Faults {
    /// Compares the number of bodies that ran with the one that should have.
    pub(crate) fn bodies(&mut self, ran: u64, expected: u64) {
        self.extra += ran.saturating_sub(expected);
        self.missing += expected.saturating_sub(ran);
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.extra += other.extra;
        self.missing += other.missing;
        self.wrong += other.wrong;
        self.stale += other.stale;
        self.overlapping += other.overlapping;
        self.stuck += other.stuck;
    }

    /// In words, or `None` if all was right.
    pub(crate) fn text(&self) -> Option<String> {
        let all = [
            (self.extra, "bodies ran that should not have"),
            (self.missing, "bodies did not run that should have"),
            (self.wrong, "callers got a value that is not theirs"),
            (
                self.stale,
                "calls were answered with a value of a flight that had landed",
            ),
            (self.overlapping, "bodies ran beside another of their key"),
            (self.stuck, "callers were never answered"),
        ];
        let found: Vec<_> = all
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", short(*count as f64)))
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
    }
}
