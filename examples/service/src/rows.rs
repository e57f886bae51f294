//! The rows of the shop: two thousand products, and three hundred thousand sales of them.
//!
//! The rows and the mark that they are all there are written in one transaction: SQLite itself
//! takes back what an interrupted start left, and of two services that start together one makes them.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tracing::info;

/// In the file's header, and nobody else's: "SHO" and the version of the rows.
const MARK: i32 = 0x5348_4f01;

const SALES: i64 = 300_000;

const TABLES: &str = "
    CREATE TABLE products (
        id INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        cents INTEGER NOT NULL
    );
    CREATE TABLE sales (
        id INTEGER NOT NULL PRIMARY KEY,
        product INTEGER NOT NULL,
        month INTEGER NOT NULL
    );
    WITH looks(look) AS (SELECT value FROM json_each('[
            \"plain\", \"brass\", \"oak\", \"linen\", \"glass\", \"copper\", \"velvet\", \"paper\", \"stone\", \"cork\",
            \"red\", \"blue\", \"green\", \"white\", \"black\", \"round\", \"square\", \"tall\", \"small\", \"folding\",
            \"old\", \"new\", \"quiet\", \"bright\", \"heavy\", \"light\", \"warm\", \"cold\", \"soft\", \"rough\",
            \"curved\", \"striped\", \"dotted\", \"woven\", \"carved\", \"painted\", \"sturdy\", \"slim\", \"wide\", \"deep\"
        ]')),
        things(thing) AS (SELECT value FROM json_each('[
            \"lamp\", \"chair\", \"table\", \"shelf\", \"mirror\", \"clock\", \"vase\", \"bowl\", \"plate\", \"cup\",
            \"spoon\", \"knife\", \"fork\", \"pan\", \"pot\", \"kettle\", \"tray\", \"basket\", \"box\", \"chest\",
            \"bench\", \"stool\", \"desk\", \"bed\", \"pillow\", \"blanket\", \"rug\", \"curtain\", \"towel\", \"sheet\",
            \"frame\", \"candle\", \"lantern\", \"hook\", \"rack\", \"ladder\", \"bucket\", \"broom\", \"brush\", \"jar\",
            \"bottle\", \"glass\", \"jug\", \"tin\", \"bin\", \"stand\", \"screen\", \"cushion\", \"mat\", \"globe\"
        ]'))
    INSERT INTO products SELECT
        row_number() OVER (), look || ' ' || thing, 500 + row_number() OVER () * 37 % 9500
    FROM looks, things";

/// Makes the sales from `$1` to `$2`. The first products are sold most often.
const SELL: &str = "
    WITH RECURSIVE sale(id) AS (
        SELECT CAST($1 AS INTEGER) UNION ALL SELECT id + 1 FROM sale WHERE id < $2
    )
    INSERT INTO sales SELECT
        id, 1 + (id * 7919 % 2000) * (id * 104729 % 1999) / 1999, 1 + id * 31 % 12
    FROM sale";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All rows are there.
    Whole,
    /// There is nothing yet, or another version of it.
    Other,
    /// Someone else's file.
    Stranger,
}

/// Has readers not wait for a writer.
///
/// Of two services that change the mode of one file at once SQLite tells one that it is locked, whatever the
/// busy timeout; it asks again.
async fn write_ahead(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    const LOCKED: &str = "5";
    for _ in 0..500 {
        let changed = sqlx::raw_sql("PRAGMA journal_mode = WAL")
            .execute(&mut *connection)
            .await;
        match changed {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCKED) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            changed => return changed.map(drop),
        }
    }
    Ok(())
}

/// Makes the rows, unless they are there or the file is a stranger's.
pub(crate) async fn make(connection: &mut SqliteConnection) -> sqlx::Result<Found> {
    let found = look(connection).await?;
    if found != Found::Other {
        return Ok(found);
    }
    write_ahead(connection).await?;
    let mut making = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Now that nobody else can write: another service may have made them.
    let found = look(&mut making).await?;
    if found == Found::Other {
        sqlx::raw_sql("DROP TABLE IF EXISTS products; DROP TABLE IF EXISTS sales")
            .execute(&mut *making)
            .await?;
        sqlx::raw_sql(TABLES).execute(&mut *making).await?;
        for third in 0..3 {
            info!(
                "making the database: {} of {SALES} sales",
                SALES * third / 3
            );
            sqlx::query(SELL)
                .bind(SALES * third / 3 + 1)
                .bind(SALES * (third + 1) / 3)
                .execute(&mut *making)
                .await?;
        }
        sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA application_id = {MARK}")))
            .execute(&mut *making)
            .await?;
    }
    making.commit().await?;
    Ok(found)
}

async fn look(connection: &mut SqliteConnection) -> sqlx::Result<Found> {
    let (mark, tables): (i32, i32) = sqlx::query_as(
        "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id",
    )
    .fetch_one(connection)
    .await?;
    Ok(match mark {
        MARK => Found::Whole,
        // The first three letters.
        _ if mark >> 8 == MARK >> 8 => Found::Other,
        _ if tables == 0 => Found::Other,
        _ => Found::Stranger,
    })
}
