//! A round: all the requests at once, through fresh processes.
//!
//! 1. The database, three instances and the balancer start.
//! 2. Every request is sent. The instances say how many calls have started; none can land, for the
//!    database's gate is closed.
//! 3. When all have started the gate opens, and the answers come.
//! 4. Each answer says what it is and who gave it. With coalescing there are as many queries as there are
//!    pairs of an instance and a key, and what these are is for the balancer to say.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use servers::{
    Result,
    child::{self, Child},
    database::{Database, content},
    http,
};
use tokio::{task::JoinSet, time::sleep};

pub(crate) const REQUESTS: usize = 1_000;
pub(crate) const KEYS: usize = 50;
const INSTANCES: usize = 3;

pub(crate) const ROUNDS: [Round; 3] = [
    Round::new(false, false),
    Round::new(true, false),
    Round::new(true, true),
];

#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) coalescing: bool,
    pub(crate) by_hash: bool,
}

pub(crate) struct Outcome {
    /// That the database counted.
    pub(crate) queries: usize,
    /// The keys that each instance was asked for, and how often.
    asked: BTreeMap<String, Vec<u32>>,
}

impl Round {
    const fn new(coalescing: bool, by_hash: bool) -> Self {
        Self {
            coalescing,
            by_hash,
        }
    }

    pub(crate) async fn run(self) -> Result<Outcome> {
        let database = Database::start(REQUESTS)?;
        let mut instances = Vec::new();
        for _ in 0..INSTANCES {
            instances.push(Child::start(&self.instance(&database), &[]).await?);
        }
        let balancer = Child::start(&self.balancer(&instances), &[]).await?;
        let address = balancer.address();

        let mut requests = JoinSet::new();
        // All that are for one key in a row, so that each instance has its turn with it.
        for key in (0..KEYS as u32).flat_map(|key| [key; REQUESTS / KEYS]) {
            requests.spawn(async move { (key, http::get(address, &format!("/rows/{key}")).await) });
        }
        while child::sum(&instances, "/calls").await? < REQUESTS {
            // nginx gives up after a minute, so this ends.
            if let Some(early) = requests.try_join_next() {
                return Err(format!("an answer before the gate was open: {early:?}"));
            }
            sleep(Duration::from_millis(5)).await;
        }
        database.open();

        let mut asked: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (key, answer) in requests.join_all().await {
            let answer = answer?;
            if *answer.body() != content(key) {
                return Err(format!("key {key} was answered with {answer:?}"));
            }
            let instance = answer.headers()["x-instance"].to_str();
            let instance = instance.map_err(|error| error.to_string())?.to_owned();
            asked.entry(instance).or_default().push(key);
        }
        let queries = database.queries();
        for child in instances.into_iter().chain([balancer]) {
            child.end().await?;
        }
        Ok(Outcome { queries, asked })
    }

    fn instance(self, database: &Database) -> Vec<String> {
        let database = database.address().to_string();
        let mut args = vec!["serve".to_owned(), "--database".to_owned(), database];
        args.extend((!self.coalescing).then(|| "--alone".to_owned()));
        args
    }

    fn balancer(self, instances: &[Child]) -> Vec<String> {
        let mut args = vec!["balance".to_owned()];
        args.extend(self.by_hash.then(|| "--hash".to_owned()));
        args.extend(instances.iter().map(|child| child.address().to_string()));
        args
    }
}

impl Outcome {
    /// Compares the queries with what there should be.
    pub(crate) fn check(&self, round: Round) -> Result<()> {
        let met = self.asked.values().map(|keys| distinct(keys)).sum();
        let expected = if round.coalescing { met } else { REQUESTS };
        if self.queries != expected {
            return Err(format!(
                "{expected} queries were expected, not {}",
                self.queries
            ));
        }
        if round.by_hash && met != KEYS {
            return Err(format!(
                "{KEYS} keys met in {met} places, though they were routed"
            ));
        }
        Ok(())
    }

    /// The requests that each instance had.
    pub(crate) fn loads(&self) -> String {
        let loads: Vec<_> = self
            .asked
            .values()
            .map(|keys| keys.len().to_string())
            .collect();
        loads.join(" + ")
    }
}

fn distinct(keys: &[u32]) -> usize {
    keys.iter().collect::<BTreeSet<_>>().len()
}
