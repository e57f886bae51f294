//! A Markdown table, with a line that explains its columns, and footnotes.

use std::{fmt, iter::once};

use crate::{
    contender::{Card, Side},
    report::column::{Column, legend},
    rounds::Outcome,
};

#[derive(Debug, Default)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    legend: String,
    notes: Vec<String>,
}

impl Table {
    /// A row for each contender, and for those that can't do it why.
    pub(crate) fn of(
        columns: &[Column],
        outcomes: &[Outcome],
        absent: &[(&'static Card, &'static str)],
        rounds: usize,
    ) -> Self {
        let head = columns.iter().map(|column| column.head.clone());
        let mut table = Self {
            head: once(String::new()).chain(head).collect(),
            legend: legend(columns),
            ..Self::default()
        };
        for outcome in outcomes {
            let mut name = emphasised(outcome.card);
            if let Some(faults) = outcome.faults.text() {
                name += &table.note(format!("In {} rounds, {faults}.", outcome.rounds));
            }
            if outcome.rounds < rounds {
                let ran = outcome.rounds;
                name += &table.note(format!(
                    "It ran in {ran} of the rounds, since it takes long."
                ));
            }
            let cells = columns.iter().map(|column| column.cell(outcome, outcomes));
            let row = once(name).chain(cells).collect();
            table.rows.push(row);
        }
        for (card, reason) in absent {
            let name = emphasised(card) + &table.note(format!("Not measured: {reason}."));
            let row = once(name).chain(columns.iter().map(|_| "–".to_owned()));
            let row = row.collect();
            table.rows.push(row);
        }
        table
    }

    fn note(&mut self, text: String) -> String {
        let number = match self.notes.iter().position(|note| *note == text) {
            Some(known) => known + 1,
            None => {
                self.notes.push(text);
                self.notes.len()
            }
        };
        format!(" <sup>{number}</sup>")
    }
}

/// Code as code, and our own rows in bold.
fn emphasised(card: &Card) -> String {
    let name = card.to_string();
    let is_code = card.side == Side::Ours;
    let name = if is_code { format!("`{name}`") } else { name };
    if card.side == Side::Ours {
        format!("**{name}**")
    } else {
        name
    }
}

impl fmt::Display for Table {
    /// With columns as wide as what is in them, so that it can be read as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells
                .chain([self.head[column].chars().count(), 3])
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.head.len()).map(width).collect();
        let line = |f: &mut fmt::Formatter<'_>, row: &[String]| {
            for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if i == 0 {
                    write!(f, "| {cell:<width$} |")?;
                } else {
                    write!(f, " {cell:>width$} |")?;
                }
            }
            writeln!(f)
        };
        line(f, &self.head)?;
        for (i, width) in widths.iter().enumerate() {
            let dashes = "-".repeat(width + 1);
            f.write_str(&if i == 0 {
                format!("|{dashes}-|")
            } else {
                format!("{dashes}:|")
            })?;
        }
        writeln!(f)?;
        for row in &self.rows {
            line(f, row)?;
        }
        writeln!(f, "\n{}", self.legend)?;
        for (i, note) in self.notes.iter().enumerate() {
            let gap = if i == 0 { "\n" } else { "" };
            writeln!(f, "{gap}<sup>{}</sup> {note}  ", i + 1)?;
        }
        Ok(())
    }
}
