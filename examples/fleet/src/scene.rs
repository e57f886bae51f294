//! A scene: all the requests at once, and what happens while they are on their way.
//!
//! 1. The database and four processes start, and meet in the Redis if they are to.
//! 2. The requests are sent. No flight lands meanwhile, for the database's gate is closed. The processes say how many
//!    calls have started, and the keys in the Redis who leads and who waits: then all are where they belong.
//! 3. Something is killed, in some of the scenes.
//! 4. The gate opens, and the answers come. One that is wrong, or an error, is the program's.
//! 5. The database says how many queries have come, and so many there should be.

use servers::Result;

use crate::{
    fleet::{Fleet, MEMBERS, until},
    load::{Load, Requests},
    store::{Seats, Store},
    table::Row,
};

/// Each process runs one query for each key.
pub(crate) async fn alone(load: Load) -> Result<Row> {
    let fleet = Fleet::start(None).await?;
    let mut requests = fleet.send(load);
    fleet.started(load.requests, &mut requests).await?;
    fleet.database.open();
    let row = Row {
        scene: "each process for itself",
        answers: requests.answers().await?,
        queries: fleet.database.queries(),
        scripts: Some(0),
    };
    let row = fleet.check(row, load, load.most_queries()).await?;
    fleet.end().await?;
    Ok(row)
}

/// One of them runs a query for each key.
pub(crate) async fn across(load: Load, store: &Store) -> Result<Row> {
    let fleet = Fleet::start(Some(store)).await?;
    let row = shared("across", load, &fleet, store).await?;
    fleet.end().await?;
    Ok(row)
}

async fn shared(scene: &'static str, load: Load, fleet: &Fleet, store: &Store) -> Result<Row> {
    let (queries, scripts) = (fleet.database.queries(), store.scripts().await?);
    let mut requests = fleet.send(load);
    fleet.started(load.requests, &mut requests).await?;
    seated(load, store, &mut requests).await?;
    fleet.database.open();
    let row = Row {
        scene,
        answers: requests.answers().await?,
        queries: fleet.database.queries() - queries,
        scripts: ended(store, scripts).await?,
    };
    fleet.check(row, load, load.keys as usize).await
}

/// One of them is killed that leads one flight: another one runs that query again.
pub(crate) async fn leader_killed(load: Load, store: &Store) -> Result<Row> {
    let mut fleet = Fleet::start(Some(store)).await?;
    let scripts = store.scripts().await?;
    let mut requests = Requests::new();
    // One flight is all that it leads: the other processes get in before its other requests come.
    let mut keys = load.of_one();
    let key = keys.next().expect("there are requests");
    requests.send(key, fleet.member(0), Some(fleet.member(1)));
    until("a query has come", async || {
        requests.none_answered()?;
        Ok(fleet.database.queries() == 1)
    })
    .await?;
    for key in load.of_one() {
        for number in 1..MEMBERS {
            requests.send(key, fleet.member(number), None);
        }
    }
    until("a query for each key has come", async || {
        requests.none_answered()?;
        Ok(fleet.database.queries() == load.keys as usize)
    })
    .await?;
    for (number, key) in keys.enumerate() {
        let second = 1 + number % (MEMBERS - 1);
        requests.send(key, fleet.member(0), Some(fleet.member(second)));
    }
    fleet.started(load.requests, &mut requests).await?;
    seated(load, store, &mut requests).await?;

    fleet.kill(0).await?;
    // Its requests, too, are now with the three others.
    fleet.started(load.requests, &mut requests).await?;
    fleet.database.open_but(key);
    // When its lease is over. Who has taken over leads, and the other two wait.
    let seats = Seats {
        led: 1,
        waiting: MEMBERS - 2,
    };
    until("another process has taken over", async || {
        Ok(fleet.database.queries_for(key) == 2 && store.seats().await? == seats)
    })
    .await?;
    fleet.database.open();
    let row = Row {
        scene: "across, a leader is killed",
        answers: requests.answers().await?,
        queries: fleet.database.queries(),
        scripts: ended(store, scripts).await?,
    };
    let row = fleet.check(row, load, load.keys as usize + 1).await?;
    fleet.end().await?;
    Ok(row)
}

/// The Redis is killed: each process runs what it has waited for. And then it is there again.
pub(crate) async fn redis_killed(load: Load, store: &mut Store) -> Result<[Row; 2]> {
    let mut fleet = Fleet::start(Some(store)).await?;
    let before = store.scripts().await?;
    let mut requests = fleet.send(load);
    fleet.started(load.requests, &mut requests).await?;
    seated(load, store, &mut requests).await?;
    let scripts = since(before, store.scripts().await?);

    store.kill().await?;
    let queries = load.most_queries();
    until("each process runs its queries", async || {
        requests.none_answered()?;
        Ok(fleet.database.queries() == queries)
    })
    .await?;
    fleet.database.open();
    let killed = Row {
        scene: "across, the Redis is killed",
        answers: requests.answers().await?,
        queries: fleet.database.queries(),
        scripts,
    };
    let killed = fleet.check(killed, load, queries).await?;

    fleet.rest(load);
    store.restart().await?;
    fleet.connected().await?;
    let back = shared("across, the Redis is back", load, &fleet, store).await?;
    fleet.end().await?;
    Ok([killed, back])
}

/// Waits until one process leads each key, and the others wait for it.
async fn seated(load: Load, store: &Store, requests: &mut Requests) -> Result<()> {
    let led = load.keys as usize;
    let seats = Seats {
        led,
        waiting: led * (MEMBERS - 1),
    };
    until("one process leads each key, the others wait", async || {
        requests.none_answered()?;
        Ok(store.seats().await? == seats)
    })
    .await
}

/// Waits until the Redis knows that all flights have ended: how many scripts it has run since.
async fn ended(store: &Store, before: Option<u64>) -> Result<Option<u64>> {
    until("all flights have ended", async || {
        Ok(store.seats().await? == Seats::default())
    })
    .await?;
    Ok(since(before, store.scripts().await?))
}

fn since(before: Option<u64>, now: Option<u64>) -> Option<u64> {
    Some(now?.saturating_sub(before?))
}
