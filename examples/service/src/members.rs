//! The members that `--members` starts: this process again, so many times, and a Redis to meet in.
//!
//! They end with this process, whatever ends it. What the page's controls are told they are told, too.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::http::{Request, header::CONTENT_TYPE};
use serde::Serialize;
use servers::{child::Child, http};
use tokio::{task::JoinSet, time::timeout};
use tracing::warn;

use crate::{failure::Failure, member::Known};

/// How a member is told that it is one: it prints its bare address, and ends with its standard input.
pub(crate) const MEMBER: &str = "member";
/// The same of the Redis.
pub(crate) const REDIS: &str = "redis";

/// A member that does not answer for so long is gone, or as good as that.
const PATIENCE: Duration = Duration::from_secs(1);

/// The processes, which end when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    members: Vec<Child>,
    redis: Option<Child>,
}

/// Where the members beside this one listen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members(Vec<SocketAddr>);

/// Another member, as it was found.
#[derive(Debug, Serialize)]
pub(crate) struct Other {
    pub(crate) address: SocketAddr,
    /// None: it is gone, or is stopped.
    pub(crate) known: Option<Known>,
}

impl Processes {
    /// Starts a Redis, where none is named, and so many members beside this one; the URL of the Redis.
    pub(crate) async fn start(
        others: usize,
        redis: Option<String>,
        database: &Path,
    ) -> Result<(Self, String), Failure> {
        let (redis, url) = match redis {
            Some(url) => (None, url),
            None => {
                servers::store::find().map_err(Failure::new)?;
                let redis = Child::start(&[REDIS.to_owned()], &[]).await;
                let redis = redis.map_err(Failure::new)?;
                let url = format!("redis://{}", redis.address());
                (Some(redis), url)
            }
        };
        let database = database.display().to_string();
        let args = [MEMBER, "--port", "0", "--database", &database].map(str::to_owned);
        let mut members = Vec::new();
        for _ in 0..others {
            // The URL may have a password in it: arguments can be seen by everybody.
            let member = Child::start(&args, &[("REDIS_URL", &url)]).await;
            members.push(member.map_err(Failure::new)?);
        }
        Ok((Self { members, redis }, url))
    }

    pub(crate) fn members(&self) -> Members {
        Members(self.members.iter().map(Child::address).collect())
    }

    /// Ends them, and then the Redis.
    pub(crate) async fn end(self) {
        for process in self.members.into_iter().chain(self.redis) {
            // One may have been killed, to see what happens.
            if let Err(error) = process.end().await {
                warn!("{error}");
            }
        }
    }
}

impl Members {
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }

    /// Asks each what it knows.
    pub(crate) async fn look(&self) -> Vec<Other> {
        let mut others = Vec::new();
        for &address in &self.0 {
            let answer = timeout(PATIENCE, http::get(address, "/member")).await;
            let known = match answer {
                Ok(Ok(answer)) => serde_json::from_str(answer.body()).ok(),
                _ => None,
            };
            others.push(Other { address, known });
        }
        others
    }

    /// Posts this to each.
    pub(crate) async fn tell(&self, path: &'static str, body: &impl Serialize) {
        let mut telling = JoinSet::new();
        for &address in &self.0 {
            let request = Request::post(path)
                .header(CONTENT_TYPE, "application/json")
                .body(serde_json::to_string(body).expect("it has names and numbers"))
                .expect("it is a path");
            telling.spawn(http::send(address, request));
        }
        while let Some(told) = telling.join_next().await {
            if let Ok(Err(error)) = told {
                warn!("a member was not told: {error}");
            }
        }
    }
}
