//! What is asked, and what became of it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use servers::{Result, database::content, http};
use tokio::task::JoinSet;

use crate::fleet::MEMBERS;

/// So many requests, over so many keys: each key is asked for as often as any other, by way of each process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) requests: usize,
    pub(crate) keys: u32,
}

impl Load {
    pub(crate) fn new(requests: usize, keys: u32) -> Result<Self> {
        let every = MEMBERS * keys as usize;
        if keys < 2 || requests == 0 || requests > 10_000 || requests % every != 0 {
            return Err(format!(
                "{requests} requests over {keys} keys do not come out even; --help says what does"
            ));
        }
        Ok(Self { requests, keys })
    }

    /// How many queries it is if each process is for itself.
    pub(crate) fn most_queries(self) -> usize {
        MEMBERS * self.keys as usize
    }

    /// The keys of all the requests that come to one process.
    pub(crate) fn of_one(self) -> impl Iterator<Item = u32> {
        let times = self.requests / MEMBERS / self.keys as usize;
        (0..times).flat_map(move |_| 0..self.keys)
    }
}

/// Requests on their way.
#[derive(Debug)]
pub(crate) struct Requests {
    sent: JoinSet<Result<Answer>>,
    began: Instant,
}

/// A right one.
#[derive(Debug, Clone, Copy)]
struct Answer {
    time: Duration,
    is_second: bool,
}

/// All answers.
#[derive(Debug)]
pub(crate) struct Answers {
    /// From the request to its answer, in ascending order.
    times: Vec<Duration>,
    /// From the first request to the last answer.
    pub(crate) wall: Duration,
    /// How many requests were sent to a second process, since the first had gone.
    pub(crate) again: usize,
}

impl Requests {
    pub(crate) fn new() -> Self {
        Self {
            sent: JoinSet::new(),
            began: Instant::now(),
        }
    }

    /// Sends one. To `second` it goes if the first process has gone: as a balancer would send it.
    pub(crate) fn send(&mut self, key: u32, first: SocketAddr, second: Option<SocketAddr>) {
        self.sent.spawn(async move {
            let (began, path) = (Instant::now(), format!("/rows/{key}"));
            let (answer, is_second) = match (http::get(first, &path).await, second) {
                (Err(_), Some(second)) => (http::get(second, &path).await, true),
                (answer, _) => (answer, false),
            };
            let row = answer?.into_body();
            if row != content(key) {
                return Err(format!("key {key} was answered with {row:?}"));
            }
            let time = began.elapsed();
            Ok(Answer { time, is_second })
        });
    }

    /// An error, if one is answered already.
    pub(crate) fn none_answered(&mut self) -> Result<()> {
        match self.sent.try_join_next() {
            Some(early) => Err(format!("an answer before the gate was open: {early:?}")),
            None => Ok(()),
        }
    }

    /// Those that are left.
    pub(crate) async fn answers(self) -> Result<Answers> {
        let answers: Result<Vec<Answer>> = self.sent.join_all().await.into_iter().collect();
        let answers = answers?;
        let mut times: Vec<_> = answers.iter().map(|answer| answer.time).collect();
        times.sort_unstable();
        Ok(Answers {
            times,
            wall: self.began.elapsed(),
            again: answers.iter().filter(|answer| answer.is_second).count(),
        })
    }
}

impl Answers {
    pub(crate) fn number(&self) -> usize {
        self.times.len()
    }

    /// What half of the requests took at most.
    pub(crate) fn median(&self) -> Duration {
        self.times[self.times.len() / 2]
    }
}
