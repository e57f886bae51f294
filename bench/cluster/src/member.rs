//! A process that calls, as fast as it is answered: one of those that a bench starts.
//!
//! It says `ready`, waits for a line, calls for a while, and says what came of it: calls, bodies, values that were none of
//! its key, and calls that the server was too slow for; and how long its threads ran on a processor, in microseconds.

use std::{
    fs,
    io::{BufRead, stdin},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use coalesced::{
    Group,
    cluster::{Cluster, Crossing, Redis},
};
use redis::aio::MultiplexedConnection;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    by_hand,
    server::{command, connect},
};

/// How calls share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through a cluster.
    Cluster,
    /// In each process.
    Apart,
    /// By a lock, and looking.
    ByHand,
    /// Not at all: the server is asked whether it is there.
    Ping,
}

impl Way {
    const ALL: [Self; 4] = [Self::Cluster, Self::ByHand, Self::Apart, Self::Ping];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::ByHand => "by-hand",
            Self::Ping => "ping",
            Self::Apart => "apart",
        }
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|way| way.word() == word);
        found.ok_or_else(|| format!("`{word}` is no way to share"))
    }
}

/// What the process does.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) way: Way,
    pub(crate) url: String,
    /// How many call at a time.
    pub(crate) callers: u64,
    /// Of how many keys; 0: each call has its own.
    pub(crate) keys: u64,
    pub(crate) body: Duration,
    pub(crate) time: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    pub(crate) calls: u64,
    pub(crate) bodies: u64,
    pub(crate) wrong: u64,
    /// Calls that did not go through the server, since it was slow.
    pub(crate) local: u64,
    pub(crate) ran: Duration,
}

impl Done {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.strip_prefix("done ")?.split(' ');
        let mut number = || numbers.next()?.trim().parse().ok();
        Some(Self {
            calls: number()?,
            bodies: number()?,
            wrong: number()?,
            local: number()?,
            ran: Duration::from_micros(number()?),
        })
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.bodies += other.bodies;
        self.wrong += other.wrong;
        self.local += other.local;
        self.ran += other.ran;
    }
}

/// What its callers have in common.
struct Member {
    role: Role,
    calls: Group<u64, u64, Crossing<'static>>,
    connection: MultiplexedConnection,
    number: u64,
    last: AtomicU64,
    bodies: AtomicU64,
}

pub(crate) async fn run(role: Role) {
    static CLUSTER: Cluster = Cluster::new("bench");

    if role.way == Way::Cluster {
        CLUSTER
            .connect(Redis::at(&role.url).expect("a URL"))
            .expect("a member");
        assert!(
            CLUSTER.connected(Duration::from_secs(5)).await,
            "{:?}",
            CLUSTER.health()
        );
    }
    let member = Arc::new(Member {
        connection: connect(&role.url).await,
        calls: Group::new()
            .named("product")
            .across(CLUSTER.across("product")),
        number: u64::from(std::process::id()),
        last: AtomicU64::new(0),
        bodies: AtomicU64::new(0),
        role,
    });
    println!("ready");
    stdin()
        .lock()
        .read_line(&mut String::new())
        .expect("a line");
    let (until, ran_before) = (Instant::now() + member.role.time, ran());
    let mut callers = JoinSet::new();
    for _ in 0..member.role.callers {
        callers.spawn(calls(Arc::clone(&member), until));
    }
    let mut done = Done::default();
    for of_caller in callers.join_all().await {
        done.add(of_caller);
    }
    let ran = ran() - ran_before;
    let bodies = member.bodies.load(Relaxed);
    let (Done { calls, wrong, .. }, local) = (done, CLUSTER.stats().local);
    let micros = ran.as_micros();
    println!("done {calls} {bodies} {wrong} {local} {micros}");
    CLUSTER.close().await;
}

async fn calls(member: Arc<Member>, until: Instant) -> Done {
    let mut done = Done::default();
    while Instant::now() < until {
        let key = match member.role.keys {
            // Nobody else's.
            0 => member.number << 32 | member.last.fetch_add(1, Relaxed),
            keys => member.last.fetch_add(1, Relaxed) % keys,
        };
        let value = member.call(key).await;
        done.calls += 1;
        done.wrong += u64::from(value != !key);
    }
    done
}

impl Member {
    async fn call(&self, key: u64) -> u64 {
        let body = async {
            self.bodies.fetch_add(1, Relaxed);
            if !self.role.body.is_zero() {
                sleep(self.role.body).await;
            }
            !key
        };
        match self.role.way {
            Way::Cluster | Way::Apart => self.calls.call(key, body).await,
            Way::Ping => {
                let mut connection = self.connection.clone();
                let ping = command("PING");
                let () = ping.query_async(&mut connection).await.expect("an answer");
                body.await
            }
            Way::ByHand => {
                // In a process by the library, as there is no cluster; between processes by the lock.
                let body = async {
                    let mut connection = self.connection.clone();
                    by_hand::call(&mut connection, &key.to_string(), self.number, body)
                        .await
                        .0
                };
                self.calls.call(key, body).await
            }
        }
    }
}

/// How long this process's threads have run on a processor, as Linux counts it.
fn ran() -> Duration {
    let threads = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let nanos = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
