//! The shop's database: an SQLite file, read by a pool of connections and written by one.
//!
//! No index helps the three questions: each reads all sales, as a dashboard's queries tend to.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize};
use sqlx::{
    ConnectOptions, Connection, FromRow, Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow},
};

use crate::{
    failure::Failure,
    rows::{self, Found},
    running::Running,
    statements,
};

#[derive(Debug, Clone)]
pub(crate) struct Database {
    readers: SqlitePool,
    writer: SqlitePool,
    running: Running,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) cents: i64,
    pub(crate) sold: i64,
}

impl Database {
    /// Makes the file and its rows if they are not there.
    pub(crate) async fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error| {
            Failure::new(format!(
                "can't use {} as database: {error}; name a file that you may write to with \
                 --database PATH",
                path.display()
            ))
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            // Another service may be making the rows.
            .busy_timeout(Duration::from_secs(10))
            .disable_statement_logging();
        let making = options.clone().create_if_missing(true);
        let mut connection = making.connect().await.map_err(failed)?;
        let found = rows::make(&mut connection).await.map_err(failed)?;
        connection.close().await.map_err(failed)?;
        if found == Found::Stranger {
            return Err(Failure::new(format!(
                "{} holds tables that are not this program's; name another file with \
                 --database PATH",
                path.display()
            )));
        }
        Ok(Self {
            readers: SqlitePoolOptions::new()
                .max_connections(4)
                // Without coalescing callers queue, and all shall be answered.
                .acquire_timeout(Duration::from_secs(60))
                .acquire_slow_threshold(Duration::from_secs(60))
                .test_before_acquire(false)
                .after_connect(|connection, _| {
                    Box::pin(async {
                        statements::trace(&mut connection.lock_handle().await?);
                        Ok(())
                    })
                })
                .connect_lazy_with(options.clone().read_only(true)),
            writer: SqlitePoolOptions::new()
                .max_connections(1)
                .connect_lazy_with(options),
            running: Running::default(),
        })
    }

    /// Whether the query for this call, as `product(7)`, runs in this process.
    pub(crate) fn runs(&self, call: &str) -> bool {
        self.running.has(call)
    }

    /// A product, and how often it was sold.
    pub(crate) async fn product(&self, id: i64) -> sqlx::Result<Option<Product>> {
        let _running = self.running.begin(format!("product({id})"));
        sqlx::query_as(
            "SELECT id, name, cents, (SELECT count(*) FROM sales WHERE product = products.id) AS sold
             FROM products WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await
    }

    /// The products with this text in their name that sell best.
    pub(crate) async fn search(&self, text: &str) -> sqlx::Result<Vec<Product>> {
        let _running = self.running.begin(format!("search({text:?})"));
        sqlx::query_as(
            "SELECT products.id, name, cents, sold
             FROM (SELECT product, count(*) AS sold FROM sales
                   WHERE product IN (SELECT id FROM products WHERE instr(name, $1)) GROUP BY product)
             JOIN products ON products.id = product
             ORDER BY sold DESC, products.id LIMIT 10",
        )
        .bind(text)
        .fetch_all(&self.readers)
        .await
    }

    /// The products that sold best in this month.
    pub(crate) async fn best_of(&self, month: u32) -> sqlx::Result<Vec<Product>> {
        let _running = self.running.begin(format!("month({month})"));
        sqlx::query_as(
            "SELECT products.id, name, cents, sold
             FROM (SELECT product, count(*) AS sold FROM sales WHERE month = $1 GROUP BY product)
             JOIN products ON products.id = product
             ORDER BY sold DESC, products.id LIMIT 10",
        )
        .bind(month)
        .fetch_all(&self.readers)
        .await
    }

    /// The products that sold best in December, for the report.
    pub(crate) async fn season(&self) -> sqlx::Result<Vec<Product>> {
        sqlx::query_as(
            "SELECT products.id, name, cents, sold
             FROM (SELECT product, count(*) AS sold FROM sales WHERE month = 12 GROUP BY product)
             JOIN products ON products.id = product
             ORDER BY sold DESC, products.id LIMIT 100",
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Whether there is such a product.
    pub(crate) async fn set_price(&self, id: i64, cents: i64) -> sqlx::Result<bool> {
        let done = sqlx::query("UPDATE products SET cents = $2 WHERE id = $1")
            .bind(id)
            .bind(cents)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

impl FromRow<'_, SqliteRow> for Product {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            cents: row.try_get("cents")?,
            sold: row.try_get("sold")?,
        })
    }
}
