//! The question that everyone asks, and the one line that makes it cheap.

use std::sync::Arc;

use coalesced::coalesce;

use crate::{database::Database, progress::Progress, report::grouped};

pub(crate) const CATEGORIES: i32 = 100;

pub(crate) const CREATE: &str = "
    CREATE TABLE coalesced_herd (
        id INTEGER NOT NULL PRIMARY KEY,
        category INTEGER NOT NULL,
        cents INTEGER NOT NULL
    )";

/// Makes the rows from `$1` to `$2`; [`Sales::expected`] knows what they come to.
pub(crate) const FILL: &str = "
    WITH RECURSIVE sale(id) AS (
        SELECT CAST($1 AS INTEGER) UNION ALL SELECT id + 1 FROM sale WHERE id < $2
    )
    INSERT INTO coalesced_herd SELECT id, id % 100, id % 9973 FROM sale";

/// No index helps: every run reads the whole table, as a dashboard's first query tends to.
pub(crate) const TOTAL: &str =
    "SELECT count(*), coalesce(sum(cents), 0) FROM coalesced_herd WHERE category = $1";

/// The first and the last row of each run of [`FILL`]: tenths of the table, where it has ten rows.
pub(crate) fn batches(rows: i32, progress: &Progress) -> impl Iterator<Item = (i32, i32)> {
    (0..10)
        .map(move |tenth| (rows * tenth / 10 + 1, rows * (tenth + 1) / 10))
        .filter(|(first, last)| first <= last)
        .inspect(move |(first, _)| {
            let (done, rows) = (grouped(first - 1), grouped(rows));
            progress.show(&format!("making the table: {done} of {rows} rows"));
        })
}

/// What was sold of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sales {
    pub(crate) category: i32,
    pub(crate) count: i64,
    pub(crate) cents: i64,
}

impl Sales {
    /// The right answer, found without the database.
    pub(crate) fn expected(category: i32, rows: i32) -> Self {
        let mut sales = Self {
            category,
            count: 0,
            cents: 0,
        };
        for id in (category..=rows)
            .step_by(CATEGORIES as usize)
            .filter(|&id| id > 0)
        {
            sales.count += 1;
            sales.cents += i64::from(id % 9973);
        }
        sales
    }
}

/// Every caller runs a query of its own.
pub(crate) async fn alone(db: &Database, category: i32) -> Result<Sales, Arc<sqlx::Error>> {
    db.sales(category).await.map_err(Arc::new)
}

/// What [`together`] is called in the list of groups.
pub(crate) const GROUP: &str = "herd.sales";

/// The same, but callers that ask for one category at the same time share one query.
#[coalesce(skip(db), name = "herd.sales")]
pub(crate) async fn together(db: &Database, category: i32) -> Result<Sales, Arc<sqlx::Error>> {
    alone(db, category).await
}
