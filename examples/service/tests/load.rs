//! The load: how many requests are answered, how fast, and at how many queries, with coalescing off and on.
//!
//! Prints a table, with `--nocapture`; `LOAD_SECONDS` says how long to measure. What is asserted are counts:
//! times are the machine's.

mod support;

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use hyper::{StatusCode, body::Bytes};
use service::load::{Load, QUESTIONS, Tally};
use support::Service;
use tokio::time::sleep;

const CONNECTIONS: usize = 64;

struct Round {
    coalescing: bool,
    tally: Tally,
    took: Duration,
    /// That the database counted.
    queries: u64,
    /// That the groups counted.
    executions: u64,
}

#[tokio::test]
async fn identical_requests_share_queries() {
    let seconds = env::var("LOAD_SECONDS").map_or(3, |text| text.parse().expect("a number"));
    let service = Service::start();
    let mut right = BTreeMap::new();
    for question in QUESTIONS {
        let (status, answer) = service.get(question).await;
        assert_eq!(status, StatusCode::OK);
        right.insert(question, (status, Bytes::from(answer)));
    }

    let mut rounds = Vec::new();
    for coalescing in [false, true] {
        rounds.push(round(&service, coalescing, Duration::from_secs(seconds)).await);
    }
    println!("{CONNECTIONS} connections, {seconds} s each\n");
    println!("coalescing  requests/s      p50      p99  requests  database queries");
    for Round {
        coalescing,
        tally,
        took,
        queries,
        ..
    } in &rounds
    {
        let milliseconds =
            |percentile| tally.latencies.value_at_percentile(percentile) as f64 / 1e3;
        println!(
            "{:<10}  {:>10}  {:>4.0} ms  {:>4.0} ms  {:>8}  {queries:>16}",
            if *coalescing { "on" } else { "off" },
            (tally.latencies.len() as f64 / took.as_secs_f64()).round(),
            milliseconds(50.0),
            milliseconds(99.0),
            tally.latencies.len(),
        );
    }

    for Round {
        tally,
        queries,
        executions,
        ..
    } in &rounds
    {
        assert_eq!(tally.broken, [""; 0]);
        for (question, answers) in &tally.answers {
            assert_eq!(answers.len(), 1, "{question} was answered {answers:?}");
            assert!(
                answers.contains(&right[question]),
                "{question} was answered {answers:?}"
            );
        }
        assert_eq!(tally.answers.len(), QUESTIONS.len());
        assert_eq!(
            queries, executions,
            "the database and the groups count the same"
        );
    }
    let [off, on] = &rounds[..] else {
        unreachable!()
    };
    assert_eq!(
        off.queries,
        off.tally.latencies.len(),
        "a query for each request"
    );
    // Sixteen ask the same thing.
    assert!(
        on.queries * 4 < on.tally.latencies.len(),
        "a query for many requests"
    );
}

async fn round(service: &Service, coalescing: bool, time: Duration) -> Round {
    let wish = format!(r#"{{"coalescing":{coalescing}}}"#);
    assert_eq!(
        service.post("/controls/switch", &wish).await,
        StatusCode::NO_CONTENT
    );
    let (queries, executions) = (queries(service).await, executions(service).await);
    let load = Load {
        servers: vec![service.address],
        connections: CONNECTIONS,
    };
    let began = Instant::now();
    let tally = load.run(sleep(time)).await;
    Round {
        coalescing,
        tally,
        took: began.elapsed(),
        queries: self::queries(service).await - queries,
        executions: self::executions(service).await - executions,
    }
}

async fn queries(service: &Service) -> u64 {
    let (_, metrics) = service.get("/metrics").await;
    let mut lines = metrics.lines();
    let count = lines.find_map(|line| line.strip_prefix("database_statements_total "));
    count
        .and_then(|count| count.parse().ok())
        .expect("it is counted")
}

async fn executions(service: &Service) -> u64 {
    let live = service.live().await;
    let functions = live["functions"].as_array().unwrap();
    functions
        .iter()
        .map(|function| function["executions"].as_u64().unwrap())
        .sum()
}
