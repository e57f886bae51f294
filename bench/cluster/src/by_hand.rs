//! What people write by hand: a lock with a time, and those who don't get it look for the value every 50 ms.
//!
//! It is written here as well as that can be done: the lock is its owner's, taking it is one round trip, the value and
//! the lock's end are sent together, and a value is found by those who waited for it, and for little longer.

use std::{future::Future, time::Duration};

use redis::{aio::MultiplexedConnection, cmd, pipe};
use tokio::time::sleep;

/// How often who waits looks.
const POLL: Duration = Duration::from_millis(50);

/// How long a value can be found: those who wait must come by once.
const KEPT_MS: u64 = 150;

/// Nobody else's lock is freed.
const FREE: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end";

/// The value of this key, and whether it was this caller's body that gave it.
pub(crate) async fn call(
    connection: &mut MultiplexedConnection,
    key: &str,
    token: u64,
    body: impl Future<Output = u64>,
) -> (u64, bool) {
    let (lock, value) = (format!("lock:{key}"), format!("value:{key}"));
    let mut body = Some(body);
    loop {
        let mut take = cmd("SET");
        take.arg(&lock).arg(token).arg("NX").arg("PX").arg(3000);
        let taken: Option<String> = take.query_async(connection).await.expect("an answer");
        if let Some(body) = body.take_if(|_| taken.is_some()) {
            let found = body.await;
            give(connection, &lock, &value, token, found).await;
            return (found, true);
        }
        sleep(POLL).await;
        let found: Option<u64> = cmd("GET")
            .arg(&value)
            .query_async(connection)
            .await
            .expect("an answer");
        if let Some(found) = found {
            return (found, false);
        }
    }
}

/// The value is there, and the lock is not, if it is still this caller's.
async fn give(
    connection: &mut MultiplexedConnection,
    lock: &str,
    value: &str,
    token: u64,
    found: u64,
) {
    let mut both = pipe();
    both.cmd("SET").arg(value).arg(found).arg("PX").arg(KEPT_MS);
    both.cmd("EVAL").arg(FREE).arg(1).arg(lock).arg(token);
    let () = both
        .ignore()
        .query_async(connection)
        .await
        .expect("an answer");
}
