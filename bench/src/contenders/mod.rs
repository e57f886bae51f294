//! All that are compared, and what each can't do.

mod by_hand;
mod crates;
mod limits;
mod ours;

use crate::{
    contender::{
        Card, Contender,
        Side::{self, Limit, Ours, Peer},
    },
    key::Key,
    workload::Workload::{self, *},
};

/// Where contenders are shown, one after the other: each is of a type of its own.
pub(crate) trait Stage<K: Key> {
    fn enter<C: Contender<K>>(&mut self, card: &'static Card, new: fn() -> C);
}

pub(crate) fn enter_all<K: Key>(stage: &mut impl Stage<K>) {
    stage.enter(&ATTRIBUTE, || ours::Attribute);
    stage.enter(&GROUP, coalesced::Group::<K::Owned, u64>::new);
    stage.enter(&UNIFLIGHT, crates::Uniflight::<K>::new);
    stage.enter(&RS_SINGLEFLIGHT, crates::RsSingleflight::<K>::new);
    stage.enter(&SINGLEFLIGHT_ASYNC, crates::SingleflightAsync::<K>::new);
    stage.enter(&ASYNC_SINGLEFLIGHT, crates::AsyncSingleflight::<K>::new);
    stage.enter(&ASYNCBAND, crates::Asyncband::<K>::new);
    stage.enter(&QUICK_CACHE, crates::QuickCache::<K>::new);
    stage.enter(&MOKA, crates::Moka::<K>::new);
    stage.enter(&CACHED, || crates::Cached);
    stage.enter(&REQUEST_COALESCER, crates::RequestCoalescer::<K>::new);
    stage.enter(&TOWER_RESILIENCE, crates::TowerResilience::<K>::new);
    stage.enter(&SHARED_MAP, by_hand::SharedMap::<K>::new);
    stage.enter(&BROADCAST, by_hand::Broadcast::<K>::new);
    stage.enter(&BODY_ALONE, || limits::BodyAlone);
    stage.enter(&NOTIFICATION, limits::Notification::default);
    stage.enter(&IN_AND_OUT, || {
        limits::InAndOut::<K>(dashmap::DashMap::new())
    });
}

/// What they are called.
pub(crate) fn names() -> Vec<&'static str> {
    struct Names(Vec<&'static str>);

    impl<K: Key> Stage<K> for Names {
        fn enter<C: Contender<K>>(&mut self, card: &'static Card, _: fn() -> C) {
            self.0.push(card.name);
        }
    }

    let mut names = Names(Vec::new());
    enter_all::<u64>(&mut names);
    names.0
}

const fn card(
    name: &'static str,
    side: Side,
    package: Option<&'static str>,
    cannot: &'static [(Workload, &'static str)],
) -> Card {
    Card {
        name,
        package,
        side,
        cannot,
    }
}

const fn peer(name: &'static str, cannot: &'static [(Workload, &'static str)]) -> Card {
    card(name, Peer, Some(name), cannot)
}

static ATTRIBUTE: Card = card(
    "#[coalesce]",
    Ours,
    None,
    &[(
        Open,
        "its hidden `Group` lives as long as the process, and would keep the room of earlier rounds; see the row of `Group`",
    )],
);
static GROUP: Card = card("coalesced::Group", Ours, None, &[]);
static UNIFLIGHT: Card = peer("uniflight", &[]);
static RS_SINGLEFLIGHT: Card = peer("rs-singleflight", &[]);
static SINGLEFLIGHT_ASYNC: Card = peer("singleflight-async", &[]);
static ASYNC_SINGLEFLIGHT: Card = peer("async_singleflight", &[]);
static ASYNCBAND: Card = peer("asyncband", &[]);
static QUICK_CACHE: Card = peer("quick_cache", &[]);
static MOKA: Card = peer("moka", &[]);
static CACHED: Card = peer(
    "cached",
    &[
        (
            HotKey,
            "it keeps what it computed, so all but the first call would find that",
        ),
        (
            Open,
            "keys share 64 locks, which are held while bodies run: strangers wait for each other",
        ),
    ],
);
static REQUEST_COALESCER: Card = peer("request_coalescer", &[]);
static TOWER_RESILIENCE: Card = peer("tower-resilience-coalesce", &[]);
static SHARED_MAP: Card = card("futures Shared in a DashMap", Peer, None, &[]);
static BROADCAST: Card = card("tokio broadcast in a HashMap", Peer, None, &[]);

const SHARES_NOTHING: &str = "it shares nothing";
const NO_KEY: &str = "it has no key, and works on one thread";

pub(crate) const THE_BODY: &str = "limit: the body alone";
pub(crate) const NOTIFY: &str = "limit: a Notify waiter";
pub(crate) const DASHMAP: &str = "limit: DashMap insert + remove";

static BODY_ALONE: Card = card(THE_BODY, Limit, None, &[(FanIn, SHARES_NOTHING)]);
static NOTIFICATION: Card = card(
    NOTIFY,
    Limit,
    Some("tokio"),
    &[
        (Lone, NO_KEY),
        (HotKey, NO_KEY),
        (ManyKeys, NO_KEY),
        (Open, NO_KEY),
        (Pool, NO_KEY),
    ],
);
static IN_AND_OUT: Card = card(
    DASHMAP,
    Limit,
    Some("dashmap"),
    &[
        (FanIn, SHARES_NOTHING),
        (Pool, "it shares nothing, as the body alone"),
    ],
);
