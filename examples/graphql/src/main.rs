//! Prints what sharing saves, and asserts it.

use std::io;

use graphql_example::{
    CONNECT_TIMEOUT, FAILURES, HERDS, Outage, Recovery, Sharing, THREE_FIELDS, backend_down,
    recovery, three_fields,
};

const PLACES: [(&str, Sharing); 3] = [
    ("nowhere", Sharing::Nowhere),
    ("on the resolver", Sharing::Resolver),
    ("on the channel", Sharing::Channel),
];
const QUERIES: usize = 100;

#[tokio::main]
async fn main() -> io::Result<()> {
    println!("{THREE_FIELDS}\n");
    println!("{:<16} {:>10}", "shared", "gRPC calls");
    for (place, sharing) in PLACES {
        let round = three_fields(sharing).await?;
        let expected = if sharing == Sharing::Nowhere { 3 } else { 2 };
        assert_eq!(round.calls.len(), expected, "{:?}", round.calls);
        println!("{place:<16} {:>10}", round.calls.len());
    }

    println!(
        "\n{QUERIES} clients ask for user 1, and the backend is down: connections are refused.\n"
    );
    down(Outage::Refused).await?;
    println!("\nThe same, and connections time out, after {CONNECT_TIMEOUT:?}.\n");
    down(Outage::Silent).await?;
    guarded().await
}

async fn guarded() -> io::Result<()> {
    println!(
        "\nWith a circuit breaker that opens after {FAILURES} failures in a row, {HERDS} herds of {QUERIES} clients in \
         an outage, and\none when the breaker is half open, and the backend there again.\n"
    );
    println!(
        "{:<16} {:>10} {:>12} {:>11} {:>9}",
        "shared", "gRPC calls", "turned away", "half open", "answered"
    );
    for (place, sharing) in PLACES {
        let Recovery {
            calls,
            turned_away,
            probes,
            answered,
        } = recovery(sharing, QUERIES).await?;
        let expected = if sharing == Sharing::Nowhere {
            (QUERIES, QUERIES * (HERDS - 1), 1, 1)
        } else {
            (FAILURES, QUERIES * (HERDS - FAILURES), 1, QUERIES)
        };
        assert_eq!((calls, turned_away, probes, answered), expected, "{place}");
        println!("{place:<16} {calls:>10} {turned_away:>12} {probes:>11} {answered:>9}");
    }
    Ok(())
}

async fn down(outage: Outage) -> io::Result<()> {
    println!(
        "{:<16} {:>10} {:>11} {:>6} {:>15}",
        "shared", "gRPC calls", "connections", "failed", "all of them in"
    );
    for (place, sharing) in PLACES {
        let round = backend_down(outage, sharing, QUERIES).await?;
        let expected = if sharing == Sharing::Nowhere {
            QUERIES
        } else {
            1
        };
        assert_eq!((round.calls, round.attempts), (expected as u64, expected));
        let failed = round
            .errors
            .iter()
            .filter(|error| !error.is_empty())
            .count();
        assert_eq!(failed, QUERIES, "{:?}", round.errors);
        println!(
            "{place:<16} {:>10} {:>11} {failed:>6} {:>12.0} ms",
            round.calls,
            round.attempts,
            round.elapsed.as_secs_f64() * 1e3,
        );
    }
    Ok(())
}
