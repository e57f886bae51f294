//! How often the server is asked.

use std::sync::Arc;

use coalesce_cluster::Crossing;
use coalesced::Group;
use tokio::sync::Notify;

use super::{server::Server, until};
use crate::support::Process;

type Calls = Arc<Group<u64, u64, Crossing<'static>>>;

/// Two members, and what they ask.
struct Two {
    server: Server,
    members: [Process; 2],
    calls: [Calls; 2],
}

impl Two {
    async fn connected() -> Self {
        let server = Server::start();
        let members = [
            Process::at(&server.place()).await,
            Process::at(&server.place()).await,
        ];
        let calls = members.map(|member| {
            let calls = Group::new().named("product");
            Arc::new(calls.across(member.cluster.across("product")))
        });
        server.run("CONFIG RESETSTAT");
        Self {
            server,
            members,
            calls,
        }
    }

    /// A call, and one in the other member that waits for it.
    async fn follow(&self, key: u64) {
        let [one, other] = self.calls.clone();
        let end = Arc::new(Notify::new());
        let ended = Arc::clone(&end);
        let leads = tokio::spawn(async move {
            let body = async {
                ended.notified().await;
                key
            };
            one.call(key, body).await
        });
        self.keys(|key| key.ends_with('}')).await;
        let waits = tokio::spawn(async move {
            let body = async { panic!("one body runs") };
            other.call(key, body).await
        });
        self.keys(|key| key.contains(":w:")).await;
        end.notify_one();
        assert_eq!(leads.await.unwrap(), key);
        assert_eq!(waits.await.unwrap(), key);
        self.idle().await;
    }

    /// Waits for such a key, and has the members ask meanwhile.
    async fn keys(&self, is: impl Fn(&str) -> bool) {
        while !self.server.keys().iter().any(|key| is(key)) {
            tokio::task::yield_now().await;
        }
    }

    /// Ends are told in the background.
    async fn idle(&self) {
        until(|| self.members.iter().all(|it| it.cluster.in_flight() == 0)).await;
    }

    /// How many scripts the members have run since this was asked last, while so many came to wait.
    fn scripts(&self, joined: u64) -> u64 {
        let commands = self.server.commands();
        self.server.run("CONFIG RESETSTAT");
        let count = |name| commands.get(name).copied().unwrap_or(0);
        // A heartbeat may fall between, and renew a lease: that sets two times, and who comes to wait sets one.
        let renewals = (count("pexpire") - joined) / 2;
        count("evalsha") - renewals
    }
}

#[tokio::test]
async fn who_waits_in_another_member_costs_one_script() {
    let two = Two::connected().await;
    two.follow(7).await;
    assert_eq!(
        two.scripts(1),
        3 + 1,
        "the first time it asks if anybody waits"
    );
    for key in 0..10 {
        two.follow(100 + key).await;
    }
    assert_eq!(two.scripts(10), 10 * 3);
    for key in 0..10 {
        two.calls[0].call(key, std::future::ready(key)).await;
    }
    two.idle().await;
    assert_eq!(two.scripts(0), 10 * 2, "a lone call");
}

#[tokio::test]
async fn callers_of_one_member_cost_no_more_than_one() {
    let two = Two::connected().await;
    let [one, _] = &two.calls;
    let end = Arc::new(Notify::new());
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let (one, end) = (Arc::clone(one), Arc::clone(&end));
            tokio::spawn(async move {
                let body = async {
                    end.notified().await;
                    49
                };
                one.call(7, body).await
            })
        })
        .collect();
    one.waiting(99).await;
    end.notify_one();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 49);
    }
    two.idle().await;
    assert_eq!(two.scripts(0), 2);
}

#[tokio::test]
async fn a_forget_is_one_script() {
    let two = Two::connected().await;
    let product = two.members[0].cluster.across("product");
    for key in 0..10 {
        product.forget_everywhere::<u64, _>(&key).await.unwrap();
    }
    assert_eq!(two.scripts(0), 10);
}
