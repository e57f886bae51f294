//! What the server is asked for a call: counted by itself.

use std::{fmt::Write as _, future::ready, sync::Arc, time::Duration};

use tokio::{sync::Notify, time::sleep};

use crate::{
    joined::Joined,
    server::{Server, command},
};

const TIMES: u64 = 20;

/// What was called so far.
#[derive(Debug, Clone, Copy)]
struct Counted {
    scripts: u64,
    /// By scripts. Messages are not among them: heartbeats are messages, too.
    commands: u64,
}

pub(crate) async fn table(server: &Server) -> String {
    let url = server.url();
    let (one, other) = (Joined::start(&url).await, Joined::start(&url).await);
    let counted = async |joined| {
        // Ends are told in the background.
        while one.cluster.in_flight() + other.cluster.in_flight() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
        counted(server, joined).await
    };
    let () = server.ask("CONFIG RESETSTAT").await;
    // That calls of the function are followed is known then, and values are sent without asking.
    follow(server, &one, &other, TIMES).await;
    let before = counted(1).await;
    for key in 0..TIMES {
        one.calls.call(key, ready(key)).await;
    }
    let lone = counted(1).await;
    for key in 0..TIMES {
        follow(server, &one, &other, key).await;
    }
    let followed = counted(1 + TIMES).await;
    for key in 0..TIMES {
        let told = one.cluster.across("product");
        told.forget_everywhere::<u64, _>(&key)
            .await
            .expect("a server");
    }
    let forgotten = counted(1 + TIMES).await;
    let mut text = String::from(
        "## What the server is asked\n\n| | scripts | commands in them |\n|---|--:|--:|\n",
    );
    for (name, from, to) in [
        ("a lone call", before, lone),
        (
            "a call, and one that waits for it in another member",
            lone,
            followed,
        ),
        ("a key is forgotten that nobody calls", followed, forgotten),
    ] {
        let each = |number: u64| number as f64 / TIMES as f64;
        let (scripts, commands) = (to.scripts - from.scripts, to.commands - from.commands);
        let _ = writeln!(text, "| {name} | {} | {} |", each(scripts), each(commands));
    }
    one.cluster.close().await;
    other.cluster.close().await;
    text
}

/// A call, and one in another member that waits for it.
async fn follow(server: &Server, one: &Joined, other: &Joined, key: u64) {
    let end = Arc::new(Notify::new());
    let leads = tokio::spawn({
        let (calls, end) = (Arc::clone(&one.calls), Arc::clone(&end));
        async move {
            let body = async {
                end.notified().await;
                key
            };
            calls.call(key, body).await
        }
    });
    let mut connection = server.connect().await;
    let mut keys = async |form: &str| {
        let ask = command(&format!("KEYS {form}"));
        while ask
            .query_async::<Vec<String>>(&mut connection)
            .await
            .expect("an answer")
            .is_empty()
        {}
    };
    keys("cz:*}").await;
    let calls = Arc::clone(&other.calls);
    let waits = tokio::spawn(async move {
        let body = async { panic!("the server was taken for away") };
        calls.call(key, body).await
    });
    keys("cz:*:w:*").await;
    end.notify_one();
    assert_eq!(
        (
            leads.await.expect("a leader"),
            waits.await.expect("a waiter")
        ),
        (key, key)
    );
}

/// While so many came to wait.
async fn counted(server: &Server, joined: u64) -> Counted {
    let calls = server.calls().await;
    let others = [
        "evalsha",
        "publish",
        "ping",
        "info",
        "keys",
        "client",
        "hello",
        "script",
        "subscribe",
    ];
    let commands: u64 = calls
        .iter()
        .filter(|(name, _)| !others.iter().any(|other| name.starts_with(other)))
        .map(|(_, calls)| calls)
        .sum();
    let count = |name| calls.get(name).copied().unwrap_or(0);
    // What renews a lease, as heartbeats do, sets two times, and who comes to wait has set one.
    let renewals = (count("pexpire") - joined) / 2;
    Counted {
        scripts: count("evalsha") - renewals,
        commands: commands - 3 * renewals,
    }
}
