//! The GraphQL schema, and the first variant: the attribute on what the resolver calls.

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, ID, Object};
use coalesced::{Group, coalesce};
use tonic::Status;

use crate::{
    cache::UserCache,
    users::{RenameUserRequest, User, UsersClient},
};

pub(crate) type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The resolver's calls in flight: by who asks, and for whom.
pub(crate) type UserFlights = Group<(Option<String>, ID), Result<User, Status>>;

/// The token that came with a request.
pub(crate) struct Token(pub(crate) String);

fn token(context: &Context<'_>) -> Option<String> {
    context.data_opt::<Token>().map(|token| token.0.clone())
}

pub(crate) struct Query {
    pub(crate) users: UsersClient,
    pub(crate) flights: UserFlights,
    pub(crate) cache: Arc<UserCache>,
}

#[Object]
impl Query {
    /// A user: from the cache, or else by a call.
    async fn get_user(&self, context: &Context<'_>, id: ID) -> Result<User, Status> {
        let key = (token(context), id);
        match self.cache.get(&key) {
            Some(user) => Ok(user),
            None => self.fetch(key.0, key.1).await,
        }
    }
}

impl Query {
    /// Every field of a user. If the call depended on the fields that were asked for (`context.look_ahead()`), they
    /// would have to be in the key.
    #[coalesce(group = self.flights)]
    async fn fetch(&self, token: Option<String>, id: ID) -> Result<User, Status> {
        let key = (token, id);
        // It may have landed since the resolver looked.
        if let Some(user) = self.cache.get(&key) {
            return Ok(user);
        }
        let user = self.users.get_user(key.0.as_deref(), &key.1).await?;
        self.cache.fill(key, &user);
        Ok(user)
    }
}

pub(crate) struct Mutation {
    pub(crate) users: UsersClient,
    pub(crate) cache: Arc<UserCache>,
}

#[Object]
impl Mutation {
    /// Gives a user another name. A write is never shared.
    async fn rename_user(
        &self,
        context: &Context<'_>,
        id: ID,
        name: String,
    ) -> Result<User, Status> {
        let (users, cache) = (self.users.clone(), Arc::clone(&self.cache));
        let token = token(context);
        // On a task of its own: a client that goes away must not have it written and not forgotten.
        let writing = tokio::spawn(async move {
            let request = RenameUserRequest {
                id: id.to_string(),
                name,
            };
            let written = users.rename_user(token.as_deref(), request).await;
            // After an error as well, which may be that the answer got lost.
            cache.outdate(&id);
            written
        });
        writing.await.expect("it does not panic")
    }
}
