//! The paths that a call can take. A new one is a line in [`PATHS`], and the function that it calls.
//!
//! Each has a process of its own, so that none finds what another left behind; its [`callers`](crate::callers)
//! are counted.

use std::{
    future::pending,
    num::ParseIntError,
    ops::Range,
    pin::{Pin, pin},
    time::Duration,
};

use coalesced::{Config, Group, alone, coalesce, fresh, observe};

#[cfg(feature = "spawn")]
use crate::callers::on_a_runtime;
#[cfg(feature = "time")]
use crate::callers::runtime;
#[cfg(feature = "http")]
use crate::requests;
use crate::{
    bodies::{body, gate},
    callers::{
        FOLLOWERS, KEYS, MANY, abandoned, blocking, each, hand_over, herd, herd_of, leaving,
        limited, limited_herd, poll, repeat,
    },
    count::{Count, counted},
};

/// One way of a call.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    pub(crate) count: fn() -> Count,
}

const fn path(name: &'static str, count: fn() -> Count) -> Path {
    Path { name, count }
}

pub(crate) const PATHS: &[Path] = &[
    // What counting costs itself, and is in all the others.
    path("the body alone", || each(body)),
    // Nobody joins.
    path("leader", || each(number)),
    path("leader, text key", || each(|id| text(id, NAME))),
    path("leader, by hand", || {
        let group = Group::<u64, u64>::new();
        each(|id| group.call(id, body(id)))
    }),
    path("leader, text key, by hand", || {
        let group = Group::<(u64, String), u64>::new();
        each(|id| group.call((id, NAME), body(id)))
    }),
    path("leader, group = ..", || each(number_in_group)),
    path("leader, fresh(..)", || each(|id| fresh(number(id)))),
    path("leader, observe(..)", || each(|id| observe(number(id)))),
    path("leader, max_age", || limited(MAX_AGE)),
    path("leader, max_followers", || limited(MAX_FOLLOWERS)),
    path("leader, max_in_flight", || limited(MAX_IN_FLIGHT)),
    #[cfg(feature = "time")]
    path("leader, max_wait", || {
        let runtime = runtime();
        let _in_it = runtime.enter();
        limited(MAX_WAIT)
    }),
    path("leader, share = ok, Ok", || each(|id| only_ok(id, true))),
    path("leader, share = ok, Err", || each(|id| only_ok(id, false))),
    path("leader, clone_err, Ok", || each(|id| clone_err(id, true))),
    path("leader, clone_err, Err", || each(|id| clone_err(id, false))),
    path("leader, plain fn", || blocking(plain)),
    path("leader, call_blocking", || {
        let group = Group::<u64, u64>::new();
        blocking(|id| group.call_blocking(id, || id))
    }),
    path("leader, abandons", || abandoned(gated)),
    #[cfg(feature = "spawn")]
    path("leader, spawn", || on_a_runtime(spawned)),
    #[cfg(feature = "spawn")]
    path("leader, detach", || on_a_runtime(detached)),
    // Nobody could join.
    path("alone, bypass = true", || each(bypassed)),
    path("alone, Config::disabled()", || limited(Config::disabled())),
    path("alone, alone(..)", || each(|id| alone(number(id)))),
    // Each of a thousand followers.
    path("follower", || herd(|| gated(7))),
    path("follower, text key and value", || {
        herd(|| gated_text(7, NAME))
    }),
    path("follower, by hand", || {
        let group = Group::<u64, u64>::new();
        herd(|| group.call(7, gate(7)))
    }),
    path("follower, observe(..)", || herd(|| observe(gated(7)))),
    path("follower, max_age", || limited_herd(MAX_AGE)),
    path("follower, max_followers", || limited_herd(MAX_FOLLOWERS)),
    path("follower, max_in_flight", || limited_herd(MAX_IN_FLIGHT)),
    #[cfg(feature = "time")]
    path("follower, max_wait", || {
        let runtime = runtime();
        let _in_it = runtime.enter();
        limited_herd(MAX_WAIT)
    }),
    path("follower, share = ok, Ok", || herd(|| gated_only_ok(7))),
    path("follower, clone_err, Err", || herd(|| gated_clone_err(7))),
    path("follower, leaves", || leaving(|| gated(7))),
    path("follower, hand-over", || hand_over(FOLLOWERS, || gated(7))),
    // The same where there are many: of followers, flights, instantiations, groups.
    path("follower, of 100,000", || herd_of(MANY, || gated(7))),
    path("follower, hand-over, of 100,000", || {
        hand_over(MANY, || gated(7))
    }),
    path("leader, by hand, 100,000 in flight", || {
        let group = Group::<u64, u64>::new();
        let _flights = flights(&group, 1_000_000..1_000_000 + MANY as u64);
        each(|id| group.call(id, body(id)))
    }),
    path("leader, 64 instantiations", instantiations),
    path("groups(), for each of 10,000", || {
        let groups: Vec<_> = (0..10_000).map(|_| Group::<u64, u64>::new()).collect();
        groups.iter().for_each(|group| _ = group.stats());
        counted(groups.len(), || {
            assert!(coalesced::groups().len() >= groups.len());
        })
    }),
    // Requests of HTTP: what they cost without the layer is in all the others.
    #[cfg(feature = "http")]
    path("http, no layer", || requests::each(requests::service())),
    #[cfg(feature = "http")]
    path("http, shared, lone", || {
        requests::each(requests::coalesced())
    }),
    #[cfg(feature = "http")]
    path("http, shared, lone, HTTP/2", || {
        requests::each_of_http_2(requests::coalesced())
    }),
    #[cfg(feature = "http")]
    path("http, known as private", || {
        requests::each_private(requests::coalesced())
    }),
    #[cfg(feature = "http")]
    path("http, no layer, POST", || {
        requests::each_post(requests::service())
    }),
    #[cfg(feature = "http")]
    path("http, POST", || requests::each_post(requests::coalesced())),
    #[cfg(feature = "http")]
    path("http, shared, reset", || {
        requests::reset(requests::coalesced())
    }),
    #[cfg(feature = "http")]
    path("http, follower", || requests::herd(requests::coalesced())),
    #[cfg(feature = "http")]
    path("http, follower, reset", || {
        requests::leaving(requests::coalesced())
    }),
    // What one does to a group.
    path("forget, a flight", || forget(true)),
    path("forget, nothing", || forget(false)),
    path("forget_all, 1,000 flights", || forget_all(1_000)),
    path("forget_all, 100,000 flights", || forget_all(MANY as u64)),
    path("stats", || {
        let group = Group::<u64, u64>::new();
        let _used = poll(pin!(group.call(7, body(7))));
        repeat(|_| {
            assert_eq!(group.stats().calls, 1);
        })
    }),
];

const NAME: &str = "a name of twenty-eight bytes";
const LONG: Duration = Duration::from_secs(3_600);
const MAX_AGE: Config = Config::new().max_age(LONG);
const MAX_FOLLOWERS: Config = Config::new().max_followers(1_000_000);
const MAX_IN_FLIGHT: Config = Config::new().max_in_flight(1_000_000);
#[cfg(feature = "time")]
const MAX_WAIT: Config = Config::new().max_wait(LONG);

#[coalesce]
async fn number(id: u64) -> u64 {
    id
}

#[coalesce]
async fn text(id: u64, name: &str) -> u64 {
    id + name.len() as u64
}

#[coalesce]
async fn instance<const N: usize>(id: u64) -> u64 {
    id + N as u64
}

/// One after the other, of one generic function.
fn instantiations() -> Count {
    macro_rules! instances {
        ($id:ident: $($n:literal)*) => {
            match $id % 64 {
                $(
                    $n => assert!(poll(pin!(instance::<$n>($id))).is_ready()),
                )*
                _ => unreachable!(),
            }
        };
    }
    let call = |id: u64| {
        instances!(id: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
    };
    // Until each has used all its shards.
    (0..64 * 100).for_each(call);
    counted(KEYS as usize, || (0..KEYS).for_each(call))
}

static NUMBERS: Group<u64, u64> = Group::new();

#[coalesce(group = NUMBERS)]
async fn number_in_group(id: u64) -> u64 {
    id
}

#[coalesce(bypass = true)]
async fn bypassed(id: u64) -> u64 {
    id
}

#[coalesce]
fn plain(id: u64) -> u64 {
    id
}

#[coalesce(key = id, share = ok)]
async fn only_ok(id: u64, ok: bool) -> Result<u64, ParseIntError> {
    if ok { Ok(id) } else { "no number".parse() }
}

#[coalesce(key = id, clone_err = ParseIntError::clone)]
async fn clone_err(id: u64, ok: bool) -> Result<u64, ParseIntError> {
    if ok { Ok(id) } else { "no number".parse() }
}

#[cfg(feature = "spawn")]
#[coalesce(spawn)]
async fn spawned(id: u64) -> u64 {
    id
}

#[cfg(feature = "spawn")]
#[coalesce(detach)]
async fn detached(id: u64) -> u64 {
    id
}

#[coalesce]
async fn gated(id: u64) -> u64 {
    gate(id).await
}

#[coalesce]
async fn gated_text(id: u64, name: &str) -> String {
    gate(id).await;
    name.to_owned()
}

#[coalesce(share = ok)]
async fn gated_only_ok(id: u64) -> Result<u64, ParseIntError> {
    Ok(gate(id).await)
}

#[coalesce(clone_err = ParseIntError::clone)]
async fn gated_clone_err(id: u64) -> Result<u64, ParseIntError> {
    gate(id).await;
    "no number".parse()
}

/// Flights of these keys.
fn flights(group: &Group<u64, u64>, keys: Range<u64>) -> Vec<Pin<Box<impl Future>>> {
    let mut flights: Vec<_> = keys.map(|id| Box::pin(group.call(id, pending()))).collect();
    for flight in &mut flights {
        assert!(poll(flight.as_mut()).is_pending());
    }
    flights
}

fn forget(there: bool) -> Count {
    let group = Group::<u64, u64>::new();
    let _flights = flights(&group, 0..KEYS);
    let first = if there { 0 } else { KEYS };
    counted(KEYS as usize, || {
        for id in first..first + KEYS {
            assert_eq!(group.forget(id), there);
        }
    })
}

fn forget_all(keys: u64) -> Count {
    let group = Group::<u64, u64>::new();
    let _flights = flights(&group, 0..keys);
    counted(1, || group.forget_all())
}
