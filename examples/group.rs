//! A `Group` by hand, and `forget` after a write: whoever asks after the write sees it.

use coalesced::Group;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::{spawn, task::yield_now};

/// A table with a slow query in front of it.
#[derive(Default)]
struct Users {
    rows: Mutex<HashMap<u64, String>>,
    reads: Group<u64, Option<String>>,
}

impl Users {
    async fn name(&self, id: u64) -> Option<String> {
        self.reads
            .call(id, async {
                let row = self.rows.lock().unwrap().get(&id).cloned();
                yield_now().await; // on its way back, the row is getting old
                row
            })
            .await
    }

    async fn rename(&self, id: u64, name: &str) {
        self.rows.lock().unwrap().insert(id, name.to_owned());
        // A flight that read before the write must not be joined after it.
        self.reads.forget(id);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users = Arc::new(Users::default());
    users.rename(7, "Ann").await;

    let early = spawn({
        let users = Arc::clone(&users);
        async move { users.name(7).await }
    });
    yield_now().await; // it has read the row, and is on its way
    assert_eq!(users.reads.in_flight(), 1);

    users.rename(7, "Beth").await;
    assert_eq!(
        users.name(7).await.as_deref(),
        Some("Beth"),
        "we read our own write"
    );
    assert_eq!(
        early.await.unwrap().as_deref(),
        Some("Ann"),
        "asked before it, answered all the same"
    );

    println!("group: {}", users.reads.stats());
}
