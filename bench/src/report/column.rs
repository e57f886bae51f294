//! A column of a table: its head, what it shows, and how it is explained below the table.

use crate::{number::short, rounds::Outcome};

/// What a column shows of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// The median and the quartiles.
    Spread,
    Median,
    /// The median, as a multiple of this limit's.
    Times(&'static str),
    /// How much the median is more than this limit's.
    More(&'static str),
    /// The median, as a multiple of that of this reading.
    Over(usize),
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) head: String,
    /// Which reading it is about.
    at: usize,
    show: Show,
    /// What its figures are; columns beside each other that say the same are explained together.
    says: String,
}

impl Column {
    pub(crate) fn new(
        head: impl Into<String>,
        at: usize,
        show: Show,
        says: impl Into<String>,
    ) -> Self {
        Self {
            head: head.into(),
            at,
            show,
            says: says.into(),
        }
    }

    pub(crate) fn cell(&self, outcome: &Outcome, all: &[Outcome]) -> String {
        let reading = outcome.columns[self.at];
        match self.show {
            Show::Spread => reading.to_string(),
            Show::Median => short(reading.median),
            Show::Over(other) => short(reading.median / outcome.median(other)),
            Show::More(limit) => {
                let more = outcome.more(self.at, limit, all);
                more.map_or("–".to_owned(), short)
            }
            Show::Times(limit) => {
                let times = outcome.times(self.at, limit, all);
                times.map_or("–".to_owned(), short)
            }
        }
    }
}

/// One line that explains all columns.
pub(crate) fn legend(columns: &[Column]) -> String {
    let alike = columns.chunk_by(|a, b| a.says == b.says);
    let mut parts: Vec<_> = alike
        .map(|alike| {
            let heads: Vec<_> = alike.iter().map(|it| format!("*{}*", it.head)).collect();
            format!("{}: {}", heads.join(", "), alike[0].says)
        })
        .collect();
    if columns.iter().any(|it| it.show == Show::Spread) {
        parts.push("*a (b–c)*: the median of the rounds, and the quartiles".into());
    }
    parts.join("; ") + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_is_explained_and_those_alike_together() {
        let columns = [
            Column::new("1", 0, Show::Median, "ns, by size"),
            Column::new("10", 1, Show::Median, "ns, by size"),
            Column::new("bytes", 2, Show::Spread, "held"),
        ];
        assert_eq!(
            legend(&columns),
            "*1*, *10*: ns, by size; *bytes*: held; *a (b–c)*: the median of the rounds, and the quartiles."
        );
        assert_eq!(legend(&columns[..1]), "*1*: ns, by size.");
    }
}
