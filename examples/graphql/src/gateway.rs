//! The gateway: GraphQL for its clients, a gRPC client itself.

use std::{fmt, net::SocketAddr, sync::Arc};

use async_graphql::{EmptySubscription, Response};
use coalesced::{Config, Group, Stats};

use crate::{
    breaker::{Breaker, BreakerHandle, guard},
    cache::UserCache,
    channel::{CallFlights, SharedCalls},
    connections::{Connections, Target},
    schema::{Mutation, Query, Schema, Token, UserFlights},
    users::UsersClient,
};

/// Where calls are shared. One place is enough; both are built in, and switched by their groups' limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Every call is made.
    Nowhere,
    /// `#[coalesce]` on the resolver.
    Resolver,
    /// A layer on the client's channel.
    Channel,
}

impl Sharing {
    fn config(self, place: Self) -> Config {
        if self == place {
            Config::new()
        } else {
            Config::disabled()
        }
    }
}

/// How many users a cache holds.
const CACHED: u64 = 10_000;

/// A gateway to one backend.
#[derive(Clone)]
pub struct Gateway {
    schema: Schema,
    users: UsersClient,
    resolver: UserFlights,
    channel: CallFlights,
    breaker: BreakerHandle,
    connections: Arc<Connections>,
}

impl Gateway {
    /// A gateway to the backend at this address, to which it connects when it is first needed; with neither a cache
    /// nor a breaker.
    pub fn new(backend: SocketAddr, sharing: Sharing) -> Self {
        Self::over(Connections::new(Target::Open(backend)), sharing)
    }

    /// The same with a breaker.
    pub fn guarded(backend: SocketAddr, sharing: Sharing, breaker: Breaker) -> Self {
        let connections = Connections::new(Target::Open(backend));
        Self::build(connections, sharing, 0, Some(breaker))
    }

    /// A cache, then what is in flight, then a breaker, then the call. It is shared at the resolver: on the channel
    /// nobody knows which cache a flight fills.
    pub fn whole(backend: SocketAddr, breaker: Breaker) -> Self {
        let connections = Connections::new(Target::Open(backend));
        Self::build(connections, Sharing::Resolver, CACHED, Some(breaker))
    }

    pub(crate) fn over(connections: Arc<Connections>, sharing: Sharing) -> Self {
        Self::build(connections, sharing, 0, None)
    }

    fn build(
        connections: Arc<Connections>,
        sharing: Sharing,
        cached: u64,
        limits: Option<Breaker>,
    ) -> Self {
        let resolver = Group::new()
            .named("resolver")
            .with_config(sharing.config(Sharing::Resolver));
        let channel = Group::new()
            .named("channel")
            .with_config(sharing.config(Sharing::Channel));
        let (guarded, breaker) = guard(connections.channel(), limits);
        let users = UsersClient::new(SharedCalls::new(guarded, &channel));
        let cache = Arc::new(UserCache::new(cached, resolver.clone()));
        let query = Query {
            users: users.clone(),
            flights: resolver.clone(),
            cache: Arc::clone(&cache),
        };
        let mutation = Mutation {
            users: users.clone(),
            cache,
        };
        Self {
            schema: Schema::new(query, mutation, EmptySubscription),
            users,
            resolver,
            channel,
            breaker,
            connections,
        }
    }

    /// Answers a query of somebody with this token.
    pub async fn query(&self, token: Option<&str>, query: &str) -> Response {
        let mut request = async_graphql::Request::new(query);
        if let Some(token) = token {
            request = request.data(Token(token.into()));
        }
        self.schema.execute(request).await
    }

    /// The gRPC client below the resolver.
    pub fn users(&self) -> &UsersClient {
        &self.users
    }

    /// What became of the resolver's calls.
    pub fn resolver(&self) -> Stats {
        self.resolver.stats()
    }

    /// What became of the channel's calls.
    pub fn channel(&self) -> Stats {
        self.channel.stats()
    }

    /// The state of the breaker.
    pub fn breaker(&self) -> &BreakerHandle {
        &self.breaker
    }

    /// The connections that it tried to make.
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("resolver", &self.resolver)
            .field("channel", &self.channel)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
