//! What the page asks for, twice a second: everything as it is now, and the samples that it doesn't have.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use coalesced::{AnyGroup, Stats, cluster::Health};
use serde::{Deserialize, Serialize};

use crate::{
    cluster,
    controls::Controls,
    history::{History, Known},
    latency::{ByState, Latencies, Percentiles},
    member::Member,
    members::{Members, Other},
    report::{Figures, Report},
    shop::{self, FUNCTIONS, REGISTRY, Shop},
    switch::Switch,
    writes::Written,
};

/// How many flights of a function are listed.
const MOST_FLIGHTS: usize = 2;

/// Where it is known.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) switch: Arc<Switch>,
    pub(crate) latencies: Arc<Latencies>,
    pub(crate) history: Arc<History>,
    pub(crate) controls: Arc<Controls>,
    pub(crate) shop: Shop,
    pub(crate) report: Arc<Report>,
    pub(crate) member: Member,
    pub(crate) members: Members,
}

#[derive(Debug, Deserialize)]
struct Wish {
    /// The number of the first sample that is not known yet.
    #[serde(default)]
    from: u64,
}

#[derive(Debug, Serialize)]
struct Live {
    coalescing: bool,
    /// That ask, for the load.
    connections: usize,
    latency: ByState<Option<Percentiles>>,
    functions: Vec<Function>,
    registry: Registry,
    /// Of the route that the HTTP layer is on.
    layer: Figures,
    /// This process and those that it started; none where it is in no cluster.
    cluster: Vec<Other>,
    #[serde(flatten)]
    history: Known,
}

/// The shop's registry, as the library lists it.
#[derive(Debug, Serialize)]
struct Registry {
    name: &'static str,
    groups: Vec<Listed>,
    writes: Written,
}

#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    #[serde(flatten)]
    stats: Stats,
}

#[derive(Debug, Serialize)]
struct Function {
    name: &'static str,
    calls: u64,
    executions: u64,
    followed: u64,
    takeovers: u64,
    errors: u64,
    panics: u64,
    in_flight: u64,
    waiting: u64,
    latency: ByState<Option<Percentiles>>,
    /// Some of those in flight, those that most wait for first.
    flights: Vec<Flight>,
}

#[derive(Debug, Serialize)]
struct Flight {
    key: String,
    /// In milliseconds.
    age: Option<f64>,
    waiting: usize,
    /// Nobody joins it any more.
    forgotten: bool,
}

async fn live(State(sources): State<Sources>, Query(Wish { from }): Query<Wish>) -> Json<Live> {
    let (each, latency) = sources.latencies.recent();
    let functions = FUNCTIONS.iter().zip(shop::groups()).zip(each);
    Json(Live {
        coalescing: sources.switch.is_on(),
        connections: sources.controls.load(),
        latency,
        functions: functions
            .map(|((name, group), latency)| function(name, &group, latency))
            .collect(),
        registry: registry(&sources.shop),
        layer: sources.report.figures(),
        cluster: members(&sources).await,
        history: sources.history.from(from),
    })
}

fn registry(shop: &Shop) -> Registry {
    let mut groups = coalesced::groups();
    groups.retain(|group| group.registry() == Some(REGISTRY));
    let listed = groups.iter().map(|group| Listed {
        name: group.name().to_owned(),
        stats: group.stats(),
    });
    Registry {
        name: REGISTRY,
        groups: listed.collect(),
        writes: shop.writes(),
    }
}

async fn members(sources: &Sources) -> Vec<Other> {
    if cluster::SHOP.health() == Health::Unconnected {
        return Vec::new();
    }
    let mut members = vec![Other {
        address: sources.member.address,
        known: Some(sources.member.known()),
    }];
    members.extend(sources.members.look().await);
    members
}

fn function(
    name: &'static str,
    group: &AnyGroup,
    latency: ByState<Option<Percentiles>>,
) -> Function {
    let stats = group.stats();
    Function {
        name,
        calls: stats.calls,
        executions: stats.bodies(),
        followed: stats.followed,
        takeovers: stats.takeovers,
        errors: stats.errors,
        panics: stats.panics,
        in_flight: stats.in_flight,
        waiting: stats.waiting,
        latency,
        flights: flights(group),
    }
}

fn flights(group: &AnyGroup) -> Vec<Flight> {
    let flights = group.flights().into_iter().map(|flight| Flight {
        key: flight.key.unwrap_or_default(),
        age: flight.age.map(|age| age.as_secs_f64() * 1e3),
        waiting: flight.followers,
        forgotten: flight.displaced,
    });
    let mut flights: Vec<_> = flights.collect();
    flights.sort_by(|a, b| (Reverse(a.waiting), &a.key).cmp(&(Reverse(b.waiting), &b.key)));
    flights.truncate(MOST_FLIGHTS);
    flights
}

pub(crate) fn routes(sources: Sources) -> Router {
    Router::new().route("/live", get(live)).with_state(sources)
}
