//! The GraphQL schema, and the first variant: the attribute on the resolver.

use async_graphql::{Context, EmptyMutation, EmptySubscription, ID, Object};
use coalesced::{Group, coalesce};
use tonic::Status;

use crate::users::{User, UsersClient};

pub(crate) type Schema = async_graphql::Schema<Query, EmptyMutation, EmptySubscription>;

/// The resolver's calls in flight: by who asks, and for whom.
pub(crate) type UserFlights = Group<(Option<String>, ID), Result<User, Status>>;

/// The token that came with a request.
pub(crate) struct Token(pub(crate) String);

fn token<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.data_opt::<Token>().map(|token| token.0.as_str())
}

pub(crate) struct Query {
    pub(crate) users: UsersClient,
    pub(crate) flights: UserFlights,
}

#[Object]
impl Query {
    /// A user, of whom every field is fetched. If the call depended on the fields that were asked for
    /// (`context.look_ahead()`), they would have to be in the key.
    #[coalesce(group = self.flights, key = (token(context), id))]
    async fn get_user(&self, context: &Context<'_>, id: ID) -> Result<User, Status> {
        self.users.get_user(token(context), &id).await
    }
}
