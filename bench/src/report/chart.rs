//! What a chart shows of what was measured.

use crate::{
    contender::Side,
    number::short,
    report::svg::{Bar, Line, bars, lines},
    rounds::Outcome,
};

/// A chart, and the file's name without its ending.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    /// What the numbers are.
    pub(crate) unit: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Of this reading; as a multiple of this limit's, if one is named.
    Bars {
        at: usize,
        times: Option<&'static str>,
        ascending: bool,
        /// Whether limits are shown.
        limits: bool,
    },
    /// The first readings, each at its place on the other axis, which is called so.
    Lines {
        at: &'static [usize],
        axis: &'static str,
    },
}

impl Chart {
    /// SVG; `None` where nothing can be shown.
    pub(crate) fn svg(&self, outcomes: &[Outcome]) -> Option<String> {
        match self.kind {
            Kind::Bars {
                at,
                times,
                ascending,
                limits,
            } => {
                let of = |outcome: &Outcome| match times {
                    None => Some(outcome.median(at)),
                    Some(limit) => outcome.times(at, limit, outcomes),
                };
                let bar = |outcome: &Outcome| {
                    let value = of(outcome)?;
                    let text = short(value) + if times.is_some() { " ×" } else { "" };
                    Some(Bar {
                        name: outcome.card.to_string(),
                        side: outcome.card.side,
                        value,
                        text,
                        faulty: outcome.faults.text().is_some(),
                    })
                };
                let shown = |it: &&Outcome| limits || it.card.side != Side::Limit;
                let mut all: Vec<_> = outcomes.iter().filter(shown).filter_map(bar).collect();
                all.sort_by(|a, b| a.value.total_cmp(&b.value));
                if !ascending {
                    all.reverse();
                }
                (!all.is_empty()).then(|| bars(self.title, self.unit, &all))
            }
            Kind::Lines { at, axis } => {
                let line = |outcome: &Outcome| Line {
                    name: outcome.card.to_string(),
                    side: outcome.card.side,
                    values: (0..at.len()).map(|i| outcome.median(i)).collect(),
                };
                let all: Vec<_> = outcomes.iter().map(line).collect();
                (!all.is_empty()).then(|| lines(self.title, self.unit, axis, at, &all))
            }
        }
    }
}
