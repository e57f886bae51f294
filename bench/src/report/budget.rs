//! What the library has promised itself to cost, beside what it did cost.

use crate::{contender::Side, number::short, rounds::Outcome};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// A figure of ours, and what it may be at most, or must be at least.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    /// `None` where the limit that it is compared with was not run.
    pub(crate) figure: fn(ours: &Outcome, all: &[Outcome]) -> Option<f64>,
}

impl Budget {
    /// One line about all rows of ours.
    pub(crate) fn verdict(&self, all: &[Outcome]) -> Option<String> {
        let ours = all.iter().filter(|outcome| outcome.card.side == Side::Ours);
        let verdicts: Vec<_> = ours
            .filter_map(|ours| {
                let figure = (self.figure)(ours, all)?;
                let is_met = match self.bound {
                    Bound::AtMost(most) => figure <= most,
                    Bound::AtLeast(least) => figure >= least,
                };
                let verdict = if is_met { "met" } else { "**not met**" };
                Some(format!("`{}` {}, {verdict}", ours.card.name, short(figure)))
            })
            .collect();
        let (sign, bound) = match self.bound {
            Bound::AtMost(most) => ("at most", most),
            Bound::AtLeast(least) => ("at least", least),
        };
        (!verdicts.is_empty()).then(|| {
            format!(
                "- {}, {sign} {}: {}",
                self.what,
                short(bound),
                verdicts.join("; ")
            )
        })
    }
}
