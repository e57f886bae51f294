//! What the rounds come to.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use crate::round::Round;

/// A table with a line for each round; the first is what the others are measured by.
#[derive(Debug)]
pub(crate) struct Report<'a>(pub(crate) &'a [Round]);

const HEAD: [&str; 9] = [
    "round", "callers", "answered", "queries", "wall", "p50", "p99", "pool", "faster",
];

/// What can't be read off the name of a column.
const COLUMNS: &str = "
answered   callers that got their answer; the others were cancelled
queries    that ran, as the database counts them
wall       from the first question to the last answer, or the last caller that gave up
p50, p99   how long it took at most to answer 50 of 100 callers, and 99 of 100
pool       the most connections to the database in use at one time
faster     than the first round, by `wall`
";

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.0.iter().map(|round| cells(round, &self.0[0])));
        let width = |column: usize| lines.iter().map(|line| line[column].len()).max();
        let widths: Vec<_> = (0..HEAD.len()).filter_map(width).collect();
        for line in &lines {
            write!(f, "{:<1$}", line[0], widths[0])?;
            for (cell, width) in line.iter().zip(&widths).skip(1) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        f.write_str(COLUMNS)?;
        writeln!(
            f,
            "\nThe bodies that the group counted, and the queries that the database did:"
        )?;
        for round in &self.0[1..] {
            writeln!(
                f,
                "  {:<1$}  {2}",
                round.manner.to_string(),
                widths[0],
                counts(round)
            )?;
        }
        Ok(())
    }
}

fn cells(round: &Round, first: &Round) -> [String; HEAD.len()] {
    [
        round.manner.to_string(),
        grouped(round.callers),
        grouped(round.latencies.len()),
        grouped(round.queries),
        milliseconds(Some(round.wall)),
        milliseconds(percentile(&round.latencies, 50)),
        milliseconds(percentile(&round.latencies, 99)),
        grouped(round.peak),
        format!(
            "{:.1} x",
            first.wall.as_secs_f64() / round.wall.as_secs_f64()
        ),
    ]
}

fn counts(round: &Round) -> String {
    let Round {
        led,
        takeovers,
        unsent,
        queries,
        ..
    } = round;
    let unsent = match unsent {
        0 => String::new(),
        _ => format!(" - {unsent} cancelled before they had a connection"),
    };
    format!("{led} led + {takeovers} took over{unsent} = {queries}")
}

/// The smallest of the sorted `values` that so many in a hundred do not exceed.
fn percentile(values: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

fn milliseconds(time: Option<Duration>) -> String {
    time.map_or_else(
        || "-".to_owned(),
        |time| format!("{:.1} ms", time.as_secs_f64() * 1e3),
    )
}

/// 1234567 as 1,234,567.
pub(crate) fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50), Some(Duration::from_millis(50)));
        assert_eq!(percentile(&values, 99), Some(Duration::from_millis(99)));
        assert_eq!(percentile(&values[..1], 99), Some(Duration::from_millis(1)));
        assert_eq!(percentile(&values[..3], 50), Some(Duration::from_millis(2)));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn columns_explain_themselves() {
        for name in HEAD.iter().skip(2) {
            let mut explained = COLUMNS.lines().flat_map(|line| {
                let (names, _) = line.split_once("  ").unwrap_or_default();
                names.split(", ")
            });
            assert!(explained.any(|explained| explained == *name), "{name}");
        }
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(
            ["0", "999", "1000", "1234567"].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
