//! What a caller waits for: a lone call, and after a body's end elsewhere.
//!
//! Invariant: what is divided was measured in the same round, over connections that were made alike.

use std::{
    fmt::Write as _,
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use coalesced::cluster::{
    Redis,
    engine::{Begin, Begun, Digest, End, Engine, Event, How, Place, Token},
};
use redis::aio::MultiplexedConnection;

use crate::{
    by_hand,
    joined::Joined,
    number::short,
    server::{Server, command, connect},
    spread::Spread,
};

const LANES: [(Lane, &str); 6] = [
    (Lane::Ping, "`PING`"),
    (Lane::Begin, "the script that asks for a lease, alone"),
    (Lane::Lone, "a lone call, until it is answered"),
    (
        Lane::LoneByHand,
        "the same by hand: `SET NX PX`, then the value and the lock's end",
    ),
    (
        Lane::Woken,
        "from a body's end until who waits in another member has the value",
    ),
    (
        Lane::WokenByHand,
        "the same by hand: looked for every 50 ms",
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Ping,
    Begin,
    Lone,
    LoneByHand,
    Woken,
    WokenByHand,
}

impl Lane {
    /// How often in a round, of which the median is taken.
    fn times(self) -> usize {
        match self {
            Self::WokenByHand => 1,
            Self::Woken => 10,
            _ => 30,
        }
    }
}

pub(crate) struct Bench<E> {
    pub(crate) raw: MultiplexedConnection,
    engine: E,
    pub(crate) one: Arc<Joined>,
    pub(crate) other: Arc<Joined>,
    /// A new key, token or value each time.
    pub(crate) last: u64,
}

/// As long a message takes to a server that is not near.
const WAY: Duration = Duration::from_micros(500);

pub(crate) async fn tables(server: &Server, quick: bool) -> String {
    let (near, far) = if quick { (5, 3) } else { (151, 41) };
    format!(
        "## What a caller waits for, on loopback\n\n{}\n\
         ## The same, with {} µs to the server, and as many back\n\n{}",
        table(&server.url(), near).await,
        WAY.as_micros(),
        table(&server.far_url(WAY), far).await,
    )
}

async fn table(url: &str, rounds: usize) -> String {
    let mut engine = Redis::at(url).expect("a URL").engine(1);
    engine.connect();
    while !matches!(engine.event().await, Event::Up) {}
    let mut bench = Bench {
        raw: connect(url).await,
        engine,
        one: Arc::new(Joined::start(url).await),
        other: Arc::new(Joined::start(url).await),
        last: 0,
    };
    // Twice: what is made at first use, and how functions are followed, is known then.
    for (lane, _) in [LANES, LANES].concat() {
        bench.round(lane).await;
    }
    let mut readings = vec![Vec::new(); LANES.len()];
    for round in 0..rounds {
        for turn in 0..LANES.len() {
            // From each of them on in turn, forwards and backwards.
            let at = (turn * (1 + 4 * (round % 2)) + round) % LANES.len();
            readings[at].push(bench.round(LANES[at].0).await);
        }
    }
    bench.one.cluster.close().await;
    bench.other.cluster.close().await;
    shown(&readings, rounds)
}

fn shown(readings: &[Vec<f64>], rounds: usize) -> String {
    let mut text = String::from("| | µs | times a `PING` |\n|---|--:|--:|\n");
    for ((_, name), of_lane) in LANES.iter().zip(readings) {
        let times = of_lane.iter().zip(&readings[0]).map(|(it, ping)| it / ping);
        let (Some(micros), Some(times)) =
            (Spread::of(of_lane.clone()), Spread::of(times.collect()))
        else {
            continue;
        };
        let _ = writeln!(text, "| {name} | {} | {times} |", short(micros.median));
    }
    let _ = writeln!(
        text,
        "\nMedians of {rounds} rounds, and where the middle half of them lies."
    );
    text
}

impl<E: Engine> Bench<E> {
    /// The median of several times, in microseconds.
    async fn round(&mut self, lane: Lane) -> f64 {
        let mut micros = Vec::new();
        for _ in 0..lane.times() {
            self.last += 1;
            let time = match lane {
                Lane::Ping => self.ping().await,
                Lane::Begin => self.begin().await,
                Lane::Lone => self.lone().await,
                Lane::LoneByHand => self.lone_by_hand().await,
                Lane::Woken => loop {
                    if let Some(time) = self.woken().await {
                        break time;
                    }
                },
                Lane::WokenByHand => loop {
                    if let Some(time) = self.woken_by_hand().await {
                        break time;
                    }
                },
            };
            micros.push(time.as_secs_f64() * 1e6);
        }
        Spread::of(micros).map_or(0.0, |spread| spread.median)
    }

    async fn ping(&mut self) -> Duration {
        let ping = command("PING");
        let began = Instant::now();
        let () = ping.query_async(&mut self.raw).await.expect("an answer");
        began.elapsed()
    }

    async fn begin(&mut self) -> Duration {
        let (key, token) = (Digest(self.last.into()), Token(self.last.into()));
        let lease = Duration::from_secs(3);
        let began = Instant::now();
        self.engine.begin(Begin {
            key,
            token,
            awaited: None,
            fresh: false,
            lease,
        });
        while !matches!(self.engine.event().await, Event::Begun(_, Begun::Lead)) {}
        let took = began.elapsed();
        self.engine.end(End {
            key,
            token,
            how: How::Ask,
            unsure: false,
            lease,
        });
        while !matches!(self.engine.event().await, Event::Ended(..)) {}
        took
    }

    async fn lone(&mut self) -> Duration {
        let began = Instant::now();
        let value = self.one.calls.call(self.last, ready(self.last)).await;
        let took = began.elapsed();
        assert_eq!(value, self.last);
        // What comes next is not to wait for its end.
        while self.one.cluster.in_flight() > 0 {
            tokio::task::yield_now().await;
        }
        took
    }

    async fn lone_by_hand(&mut self) -> Duration {
        let key = self.last.to_string();
        let began = Instant::now();
        let (value, led) = by_hand::call(&mut self.raw, &key, self.last, ready(self.last)).await;
        let took = began.elapsed();
        assert_eq!((value, led), (self.last, true));
        took
    }
}
