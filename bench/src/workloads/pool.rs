//! A hundred callers ask for the same thing at once. It takes 60 ms, on one of ten connections.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, sync::Semaphore, task::JoinSet, time::sleep};

use crate::{
    body::{Body, Tally, Until},
    contender::{Contender, Side},
    key::Key,
    reading::{Faults, Reading},
    report::{Column, Sheet, Show},
    workloads::runtime::finished,
};

const CALLERS: u64 = 100;
const CONNECTIONS: usize = 10;
const QUERY: Duration = Duration::from_millis(60);

const WALL: usize = 0;
const QUERIES: usize = 1;

pub(crate) fn sheet() -> Sheet {
    Sheet {
        title: "A hundred callers, a pool of ten".into(),
        about:
            "All ask for the same thing at once; a query takes 60 ms, on one of ten connections."
                .into(),
        columns: vec![
            Column::new(
                "ms",
                WALL,
                Show::Spread,
                "milliseconds until all have their answer",
            ),
            Column::new(
                "queries",
                QUERIES,
                Show::Spread,
                "bodies that ran for all of them",
            ),
        ],
        budgets: vec![],
        charts: vec![],
    }
}

/// Milliseconds until all have their answer, and the queries that this took.
pub(crate) fn round<K: Key, C: Contender<K>>(
    contender: &Arc<C>,
    runtime: &Runtime,
    side: Side,
    key: u64,
) -> Reading {
    let pool = Arc::new(Semaphore::new(CONNECTIONS));
    let mut callers = JoinSet::new();
    let tallies: Vec<_> = (0..CALLERS).map(|_| Tally::new()).collect();
    let start = Instant::now();
    for (caller, tally) in tallies.iter().copied().enumerate() {
        let (contender, pool) = (Arc::clone(contender), Arc::clone(&pool));
        let query = async move {
            let _connection = pool.acquire().await.expect("the pool stays open");
            sleep(QUERY).await;
        };
        let call = async move {
            let body = Body::new(
                caller as u64,
                tally,
                Until::Answered(Box::new(Box::pin(query))),
            );
            contender.call(K::nth(key), body).await
        };
        callers.spawn_on(call, runtime.handle());
    }
    let answers = finished(runtime, callers);
    let wall = start.elapsed();
    let queries: Vec<_> = tallies.into_iter().map(Tally::take).collect();
    let ran = queries.iter().sum::<u64>();
    let mut faults = Faults {
        stuck: CALLERS - answers.len() as u64,
        ..Faults::default()
    };
    faults.bodies(ran, if side == Side::Limit { CALLERS } else { 1 });
    // Each answer is of a caller whose query ran.
    faults.wrong += answers
        .iter()
        .filter(|answer| queries[**answer as usize] != 1)
        .count() as u64;
    Reading {
        values: vec![wall.as_secs_f64() * 1e3, ran as f64],
        faults,
    }
}
