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
    stage.enter(&NOTIFICATION_SIP, limits::Hashing::<SipHash>::default);
    stage.enter(
        &NOTIFICATION_OURS,
        limits::Hashing::<limits::OurHash>::default,
    );
    stage.enter(&NOTIFICATION_FOLD, limits::Hashing::<FoldHash>::default);
    stage.enter(&IN_AND_OUT_SIP, limits::InAndOut::<K, SipHash>::new);
    stage.enter(
        &IN_AND_OUT_OURS,
        limits::InAndOut::<K, limits::OurHash>::new,
    );
    stage.enter(&IN_AND_OUT_FOLD, limits::InAndOut::<K, FoldHash>::new);
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
const KEEPS: &str = "it keeps what it computed, so all but the first call would find that";
static CACHED: Card = peer(
    "cached",
    &[
        (HotKey, KEEPS),
        (SlowBodies, KEEPS),
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
const ONE_FLIGHT: &str = "it knows one flight, and works on one thread";

pub(crate) const THE_BODY: &str = "limit: the body alone";
pub(crate) const NOTIFY: &str = "limit: a Notify waiter, no hash";
/// The map with its own hash, which is ours as well; we have it of another implementation.
pub(crate) const DASHMAP: &str = "limit: DashMap insert + remove, SipHash";

/// Std's, keyed, whose makers meant it for keys that strangers choose.
type SipHash = std::hash::RandomState;
/// Seeded as well, and faster: its makers promise little where somebody looks for collisions.
type FoldHash = foldhash::fast::RandomState;

/// Which contender hashes with what, as its source says: what follows from that is not the contender's merit.
pub(crate) const HASHES: &str = "Keys are hashed with foldhash by quick_cache and tower-resilience-coalesce, with ahash by uniflight, and \
     with SipHash by all the others: std's, and ours siphasher's, which is the same function in fewer instructions";

static BODY_ALONE: Card = card(THE_BODY, Limit, None, &[(FanIn, SHARES_NOTHING)]);
const ONE_FLIGHT_ALONE: &[(Workload, &str)] = &[
    (Lone, ONE_FLIGHT),
    (HotKey, ONE_FLIGHT),
    (SlowBodies, ONE_FLIGHT),
    (ManyKeys, ONE_FLIGHT),
    (Open, ONE_FLIGHT),
    (Pool, ONE_FLIGHT),
];
static NOTIFICATION: Card = card(NOTIFY, Limit, Some("tokio"), ONE_FLIGHT_ALONE);
static NOTIFICATION_SIP: Card = card(
    "limit: a Notify waiter, SipHash",
    Limit,
    Some("tokio"),
    ONE_FLIGHT_ALONE,
);
static NOTIFICATION_OURS: Card = card(
    "limit: a Notify waiter, SipHash of siphasher",
    Limit,
    Some("tokio"),
    ONE_FLIGHT_ALONE,
);
static NOTIFICATION_FOLD: Card = card(
    "limit: a Notify waiter, foldhash",
    Limit,
    Some("tokio"),
    ONE_FLIGHT_ALONE,
);

const NO_SHARING: &[(Workload, &str)] = &[
    (FanIn, SHARES_NOTHING),
    (SlowBodies, SHARES_NOTHING),
    (Pool, "it shares nothing, as the body alone"),
];
static IN_AND_OUT_SIP: Card = card(DASHMAP, Limit, Some("dashmap"), NO_SHARING);
static IN_AND_OUT_OURS: Card = card(
    "limit: DashMap insert + remove, SipHash of siphasher",
    Limit,
    Some("dashmap"),
    NO_SHARING,
);
static IN_AND_OUT_FOLD: Card = card(
    "limit: DashMap insert + remove, foldhash",
    Limit,
    Some("dashmap"),
    NO_SHARING,
);
