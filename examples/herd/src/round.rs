//! One round: every caller asks at the same moment, and the round is over when none is left.
//!
//! 1. The database says how often it ran the query so far, and the group what it did so far.
//! 2. All callers start; in a round of cancellations four in five have a deadline.
//! 3. When both are idle they say it again, and the differences have to agree.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use coalesced::Stats;
use tokio::{sync::Barrier, task::JoinSet, time::timeout};

use crate::{
    database::Database,
    dice::Dice,
    failure::{Failure, reason},
    sales::{self, Sales},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Without the attribute.
    Alone,
    Together,
    /// Together, while callers give up.
    Cancelled,
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alone => "without the attribute",
            Self::Together => "with #[coalesce]",
            Self::Cancelled => "with callers cancelled",
        })
    }
}

/// Who asks, and what the answers should be: one for each thing that is asked.
#[derive(Debug)]
pub(crate) struct Herd {
    pub(crate) db: Arc<Database>,
    pub(crate) callers: usize,
    pub(crate) seed: u64,
    pub(crate) answers: Vec<Sales>,
}

#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) manner: Manner,
    pub(crate) callers: usize,
    /// Of the callers who got their answer, shortest first.
    pub(crate) latencies: Vec<Duration>,
    /// From the first question to the last answer, or the last caller that gave up.
    pub(crate) wall: Duration,
    /// Queries that ran, as the database counts them.
    pub(crate) queries: u64,
    /// Bodies that calls started with, as the group counts them; without it, all of them.
    pub(crate) led: u64,
    /// Bodies that followers started, as the group counts them.
    pub(crate) takeovers: u64,
    /// Bodies that were dropped before they had a connection.
    pub(crate) unsent: u64,
    /// The most connections that were in use at one time.
    pub(crate) peak: u32,
}

/// What became of one caller.
struct Call {
    right: Sales,
    asked: Instant,
    done: Instant,
    /// `None`: cancelled.
    answer: Option<Result<Sales, Arc<sqlx::Error>>>,
}

impl Herd {
    pub(crate) async fn round(&self, manner: Manner) -> Result<Round, Failure> {
        let start = Arc::new(self.start(manner).await?);
        let (queries, before) = (self.db.queries().await?, stats());
        self.db.take_usage();

        let calls = self.ask(manner, start).await?;

        let queries = self.db.queries().await?.saturating_sub(queries);
        let (usage, after) = (self.db.take_usage(), stats());
        check_idle(&after)?;
        let (asked, done) = (
            calls.iter().map(|call| call.asked),
            calls.iter().map(|call| call.done),
        );
        let mut latencies: Vec<_> = calls
            .iter()
            .filter(|call| call.answer.is_some())
            .map(|call| call.done - call.asked)
            .collect();
        latencies.sort_unstable();
        let round = Round {
            manner,
            callers: self.callers,
            latencies,
            wall: done
                .max()
                .zip(asked.min())
                .map_or(Duration::ZERO, |(done, asked)| done - asked),
            queries,
            led: match manner {
                Manner::Alone => self.callers as u64,
                Manner::Together | Manner::Cancelled => after.led - before.led,
            },
            takeovers: after.takeovers - before.takeovers,
            unsent: usage.unsent,
            peak: usage.peak,
        };
        round.check_counts()?;
        Ok(round)
    }

    /// In a round of cancellations four in five callers give up before a query can be done: some
    /// while they lead, some while they follow, some after they took over.
    async fn start(&self, manner: Manner) -> Result<Start, Failure> {
        let mut deadlines = vec![None; self.callers];
        if manner == Manner::Cancelled {
            let began = Instant::now();
            self.db.sales(0).await.map_err(|error| failed(&error))?;
            let query = began.elapsed();
            let mut dice = Dice::new(self.seed);
            deadlines.fill_with(|| dice.four_in_five().then(|| dice.within(query)));
        }
        Ok(Start {
            barrier: Barrier::new(self.callers),
            turn: AtomicUsize::new(0),
            deadlines,
        })
    }

    async fn ask(&self, manner: Manner, start: Arc<Start>) -> Result<Vec<Call>, Failure> {
        let mut callers = JoinSet::new();
        for right in self.answers.iter().copied().cycle().take(self.callers) {
            let (db, start) = (Arc::clone(&self.db), Arc::clone(&start));
            callers.spawn(async move {
                let deadline = start.wait().await;
                let asked = Instant::now();
                let answer = match (manner, deadline) {
                    (Manner::Alone, _) => Some(sales::alone(&db, right.category).await),
                    (_, None) => Some(sales::together(&db, right.category).await),
                    (_, Some(deadline)) => timeout(deadline, sales::together(&db, right.category))
                        .await
                        .ok(),
                };
                Call {
                    right,
                    asked,
                    done: Instant::now(),
                    answer,
                }
            });
        }
        let mut calls = Vec::with_capacity(self.callers);
        while let Some(call) = callers.join_next().await {
            let call = call.map_err(|_| Failure::new("a caller panicked, as told above"))?;
            call.check()?;
            calls.push(call);
        }
        Ok(calls)
    }
}

impl Call {
    fn check(&self) -> Result<(), Failure> {
        match &self.answer {
            Some(Err(error)) => Err(failed(error)),
            Some(Ok(answer)) if *answer != self.right => Err(Failure::new(format!(
                "a caller was answered {answer:?}, but {:?} is right",
                self.right,
            ))),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

/// Where all callers wait for the last of them.
#[derive(Debug)]
struct Start {
    barrier: Barrier,
    turn: AtomicUsize,
    /// By turn, so that it is the seed that decides whether the first caller, who leads, gives up.
    deadlines: Vec<Option<Duration>>,
}

impl Start {
    async fn wait(&self) -> Option<Duration> {
        self.barrier.wait().await;
        self.deadlines[self.turn.fetch_add(1, Relaxed)]
    }
}

impl Round {
    /// A body that has a connection runs one query, even if it is dropped then; one that is
    /// dropped before runs none.
    fn check_counts(&self) -> Result<(), Failure> {
        let Self {
            queries,
            led,
            takeovers,
            unsent,
            manner,
            ..
        } = self;
        let explained = *unsent == 0 || *manner == Manner::Cancelled;
        if explained && queries + unsent == led + takeovers {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the database ran {queries} queries {manner}, but the callers started {led} + \
             {takeovers} bodies, of which {unsent} were dropped before they had a connection; \
             if nobody else asked it meanwhile, the group counts wrongly"
        )))
    }
}

fn check_idle(stats: &Stats) -> Result<(), Failure> {
    if (stats.in_flight, stats.waiting) == (0, 0) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "all callers are gone, but {} flights and {} followers are still in the group",
        stats.in_flight, stats.waiting,
    )))
}

/// The group's counts. Before its first call it is not listed.
fn stats() -> Stats {
    let groups = coalesced::groups();
    let group = groups.iter().find(|group| group.name() == sales::GROUP);
    group.map(coalesced::AnyGroup::stats).unwrap_or_default()
}

fn failed(error: &sqlx::Error) -> Failure {
    Failure::new(format!(
        "a query failed: {}; see to the database and try again",
        reason(error)
    ))
}
