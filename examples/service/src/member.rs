//! What a member of the cluster knows of itself, which is all that a member can know: the library lists no others.

use std::net::SocketAddr;

use axum::{Json, Router, extract::State, routing::get};
use coalesced::{AnyGroup, cluster::Health};
use serde::{Deserialize, Serialize};

use crate::{cluster::SHOP, database::Database, shop};

/// This process, as a member.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) address: SocketAddr,
    pub(crate) database: Database,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Whether it shares its flights with others.
    shares: bool,
    /// If not, why.
    health: String,
    calls: u64,
    /// Its bodies that ran.
    bodies: u64,
    /// Its bodies that did not run, since another member's did.
    elsewhere: u64,
    /// Flights that could not be shared, and those that were not, the Redis being away; since its start.
    unshared: u64,
    local: u64,
    /// How many of its flights lead or wait in the cluster now.
    in_flight: usize,
    flights: Vec<Seat>,
}

/// A flight of this process.
#[derive(Debug, Serialize, Deserialize)]
struct Seat {
    /// As `product(7)`.
    call: String,
    /// Its query runs in this process. If not it waits for another member's, or to be told who runs.
    runs_here: bool,
    /// The callers who wait for it in this process.
    waiting: usize,
}

impl Member {
    pub(crate) fn known(&self) -> Known {
        let groups = shop::groups();
        let stats: coalesced::Stats = groups.iter().map(AnyGroup::stats).sum();
        let cluster = SHOP.stats();
        let health = SHOP.health();
        Known {
            shares: health == Health::Connected,
            health: told(&health),
            calls: stats.calls,
            bodies: stats.bodies(),
            elsewhere: stats.elsewhere,
            unshared: cluster.unshared,
            local: cluster.local,
            in_flight: SHOP.in_flight(),
            flights: groups.iter().flat_map(|group| self.seats(group)).collect(),
        }
    }

    fn seats(&self, group: &AnyGroup) -> Vec<Seat> {
        let flights = group.flights().into_iter();
        let seats = flights.map(|flight| {
            let call = format!("{}({})", group.name(), flight.key.unwrap_or_default());
            Seat {
                runs_here: self.database.runs(&call),
                waiting: flight.followers,
                call,
            }
        });
        let mut seats: Vec<_> = seats.collect();
        seats.sort_by(|a, b| a.call.cmp(&b.call));
        seats
    }
}

fn told(health: &Health) -> String {
    match health {
        Health::Connected => "shares its flights with the others".into(),
        Health::Connecting => "connects to the Redis, and is for itself until it is there".into(),
        Health::Away(why) => format!("is for itself while the Redis is away: {why}"),
        Health::Refused(why) => format!("is for itself, the Redis being no use: {why}"),
        Health::Closed => "has left the cluster".into(),
        _ => "is for itself".into(),
    }
}

async fn known(State(member): State<Member>) -> Json<Known> {
    Json(member.known())
}

pub(crate) fn routes(member: Member) -> Router {
    Router::new()
        .route("/member", get(known))
        .with_state(member)
}
