//! How a workload is presented: a title, a table, the budgets it is about, and charts.

use std::fmt::Write as _;

use crate::{
    contender::Card,
    report::{budget::Budget, chart::Chart, column::Column, table::Table},
    rounds::Outcome,
};

#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    /// What is done and how the figures are to be read.
    pub(crate) about: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) charts: Vec<Chart>,
}

impl Sheet {
    pub(crate) fn markdown(
        &self,
        outcomes: &[Outcome],
        absent: &[(&'static Card, &'static str)],
        rounds: usize,
        machine: &str,
    ) -> String {
        let table = Table::of(&self.columns, outcomes, absent, rounds);
        let mut text = format!("## {}\n\n{}\n\n{table}\n", self.title, self.about);
        let _ = writeln!(text, "{rounds} rounds; {machine}.");
        let verdicts: Vec<_> = self
            .budgets
            .iter()
            .filter_map(|it| it.verdict(outcomes))
            .collect();
        if !verdicts.is_empty() {
            let _ = writeln!(text, "\nThe budget:\n\n{}", verdicts.join("\n"));
        }
        text
    }
}
