//! Who takes part in a scene: the database, and four processes of the service.

use std::{net::SocketAddr, time::Duration};

use servers::{
    Result,
    child::{self, Child},
    database::Database,
    http,
};
use tokio::time::{Instant, sleep};

use crate::{
    load::{Load, Requests},
    store::Store,
    table::Row,
};

pub(crate) const MEMBERS: usize = 4;

/// How many queries the database runs at a time.
pub(crate) const CONNECTIONS: usize = 10;

/// As long anything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) database: Database,
    members: Vec<Child>,
    /// How many calls have come to them in the scenes before.
    calls: usize,
}

impl Fleet {
    /// Across, if there is something to meet in. When this returns they meet.
    pub(crate) async fn start(store: Option<&Store>) -> Result<Self> {
        let database = Database::start(CONNECTIONS)?;
        let mut args = vec!["serve".to_owned(), "--database".to_owned()];
        args.push(database.address().to_string());
        let mut environment = Vec::new();
        if let Some(store) = store {
            args.extend(["--across".to_owned(), store.prefix().to_owned()]);
            environment.push(("REDIS_URL", store.url()));
        }
        let mut members = Vec::new();
        for _ in 0..MEMBERS {
            members.push(Child::start(&args, &environment).await?);
        }
        let fleet = Self {
            database,
            members,
            calls: 0,
        };
        if store.is_some() {
            fleet.connected().await?;
        }
        Ok(fleet)
    }

    /// Waits until all are in the cluster.
    pub(crate) async fn connected(&self) -> Result<()> {
        for member in &self.members {
            http::get(member.address(), "/connected").await?;
        }
        Ok(())
    }

    pub(crate) fn member(&self, number: usize) -> SocketAddr {
        self.members[number % self.members.len()].address()
    }

    /// Sends all requests at once, to each process in turn.
    pub(crate) fn send(&self, load: Load) -> Requests {
        let mut requests = Requests::new();
        for key in load.of_one() {
            for member in &self.members {
                requests.send(key, member.address(), None);
            }
        }
        requests
    }

    /// Waits until so many calls have started in them. None may be answered meanwhile.
    pub(crate) async fn started(&self, calls: usize, requests: &mut Requests) -> Result<()> {
        until("all requests have come", async || {
            requests.none_answered()?;
            Ok(child::sum(&self.members, "/calls").await? == self.calls + calls)
        })
        .await
    }

    /// Compares what came of a scene with what there should be.
    pub(crate) async fn check(&self, row: Row, load: Load, queries: usize) -> Result<Row> {
        let (scene, answered) = (row.scene, row.answers.number());
        if row.queries != queries {
            let local = child::sum(&self.members, "/local").await?;
            return Err(format!(
                "{scene}: {queries} queries were expected, not {}; {local} flights were not shared so far, since the \
                 Redis was away or this machine too busy",
                row.queries,
            ));
        }
        if answered != load.requests {
            return Err(format!(
                "{scene}: of {} requests {answered} were answered",
                load.requests
            ));
        }
        Ok(row)
    }

    /// Kills one of them, and nobody is told.
    pub(crate) async fn kill(&mut self, number: usize) -> Result<()> {
        self.members.remove(number).kill().await
    }

    /// Before the next scene of the same processes.
    pub(crate) fn rest(&mut self, load: Load) {
        self.database.close();
        self.calls += load.requests;
    }

    pub(crate) async fn end(self) -> Result<()> {
        for member in self.members {
            member.end().await?;
        }
        Ok(())
    }
}

/// Waits for what can only be seen by looking.
pub(crate) async fn until(what: &str, mut seen: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let limit = Instant::now() + PATIENCE;
    while !seen().await? {
        if Instant::now() > limit {
            return Err(format!("in a minute it has not come to this: {what}"));
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
