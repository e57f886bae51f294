//! Members, and what they send and are told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use coalesce_cluster::{Cluster, Crossing, Fault, Memory, Message, Operation};
use coalesced::Group;
use tokio::{task::JoinSet, time::sleep};

use super::{
    ledger::{Answer, Ledger},
    traffic::body_time,
};

/// As long anything is on its way.
const WAY: Duration = Duration::from_millis(1);

/// A process: its cluster, its calls, and what goes on in it.
pub(super) struct Member {
    /// Its number among all that ever were.
    pub(super) number: usize,
    cluster: &'static Cluster,
    calls: Arc<Group<usize, Answer, Crossing<'static>>>,
    tasks: JoinSet<()>,
}

impl Member {
    /// One that is connected.
    pub(super) async fn start(memory: &Memory, number: usize) -> Self {
        // A static, as users have it.
        let cluster: &'static Cluster = Box::leak(Box::new(Cluster::new("shop")));
        cluster.connect(memory.clone()).unwrap();
        assert!(cluster.connected(Duration::from_secs(5)).await);
        let calls = Group::new().named("product");
        Self {
            number,
            cluster,
            calls: Arc::new(calls.across(cluster.across("product"))),
            tasks: JoinSet::new(),
        }
    }

    /// A call comes.
    pub(super) fn call(&mut self, ledger: &Ledger, key: usize) {
        self.reap();
        let (calls, ledger) = (Arc::clone(&self.calls), ledger.clone());
        let call = ledger.call(key, self.number);
        self.tasks.spawn(async move {
            let body = async {
                let body = ledger.begin(key);
                sleep(body_time(key)).await;
                body.end()
            };
            call.end(calls.call(key, body).await);
        });
    }

    fn reap(&mut self) {
        while let Some(done) = self.tasks.try_join_next() {
            done.unwrap();
        }
    }

    /// It is killed: nothing of it arrives any more, and all that went on in it is gone.
    /// How many calls died with it.
    pub(super) fn kill(mut self, memory: &Memory) -> usize {
        self.reap();
        memory.cut_off(self.number);
        // What drops with them is not told to anybody any more.
        self.tasks.abort_all();
        let cluster = self.cluster;
        tokio::spawn(async move { cluster.close().await });
        self.tasks.len()
    }

    /// Waits for all its calls.
    pub(super) async fn drain(&mut self) {
        while let Some(done) = self.tasks.join_next().await {
            done.unwrap();
        }
    }

    /// How much is in its tables.
    pub(super) fn len(&self) -> usize {
        self.cluster.in_flight() + self.calls.in_flight() + self.tasks.len()
    }

    pub(super) async fn close(self) {
        self.cluster.close().await;
    }
}

/// How often a member did what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    pub(super) begins: u64,
    pub(super) ends: u64,
    pub(super) renewals: u64,
    pub(super) beats: u64,
    /// Values that came.
    pub(super) values: u64,
    /// What else came, but for its own heartbeats.
    pub(super) others: u64,
}

/// The same for each member, by its number.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Vec<Sent>>>);

impl Wire {
    /// Counts what goes through this engine, and has it take its time.
    pub(super) fn watch(memory: &Memory) -> Self {
        let wire = Self::default();
        let (there, back) = (wire.clone(), wire.clone());
        memory.on_operation(move |operation, member| {
            there.count(member, |sent| match operation {
                Operation::Begin => sent.begins += 1,
                Operation::End => sent.ends += 1,
                Operation::Renew => sent.renewals += 1,
                Operation::Beat => sent.beats += 1,
                _ => {}
            });
            match operation {
                Operation::Connect => Fault::None,
                _ => Fault::Delay(WAY),
            }
        });
        memory.on_message(move |message, member| {
            back.count(member, |sent| match message {
                Message::Value => sent.values += 1,
                Message::Beat => {}
                _ => sent.others += 1,
            });
            Fault::Delay(WAY)
        });
        wire
    }

    fn count(&self, member: usize, one: impl FnOnce(&mut Sent)) {
        let mut all = self.0.lock().unwrap();
        if all.len() <= member {
            all.resize(member + 1, Sent::default());
        }
        one(&mut all[member]);
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().clone()
    }
}
