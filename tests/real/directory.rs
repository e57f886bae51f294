//! A directory of people and groups on SeaORM, behind traits: identities that are types, and filters that nest.

use crate::{
    network::bodies,
    stand_ins::sea_orm::{ConnectionTrait, DatabaseConnection, DbErr},
};
use async_trait::async_trait;
use coalesced::{CloneError, Registry, coalesce};
use std::collections::HashSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GroupId(i32);

/// In lower case, always.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct UserId(String);

/// It was no `Hash`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Filter {
    Not(Box<Filter>),
    MemberOf(GroupId),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Group {
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    name: String,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Schema {
    attributes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
enum DomainError {
    #[error("database error: `{0}`")]
    Database(#[from] DbErr),
}

impl CloneError for DomainError {
    fn clone_error(&self) -> Self {
        let Self::Database(DbErr::ConnectionAcquire) = self;
        Self::Database(DbErr::ConnectionAcquire)
    }
}

type Result<T> = std::result::Result<T, DomainError>;

#[async_trait]
trait Directory {
    async fn groups(&self, filter: Option<Filter>) -> Result<Vec<Group>>;
    async fn group(&self, id: GroupId) -> Result<Group>;
    async fn users(&self, filter: Option<Filter>, with_groups: bool) -> Result<Vec<User>>;
    async fn user(&self, id: &UserId) -> Result<User>;
    async fn groups_of(&self, id: &UserId) -> Result<HashSet<Group>>;
    async fn schema(&self) -> Result<Schema>;
}

struct SqlDirectory {
    pool: DatabaseConnection,
    calls: Registry,
}

#[async_trait]
impl Directory for SqlDirectory {
    #[coalesce(registry = self.calls)]
    async fn groups(&self, filter: Option<Filter>) -> Result<Vec<Group>> {
        let name = self.pool.query_all(format!("groups {filter:?}")).await?;
        Ok(vec![Group { name }])
    }

    #[coalesce(registry = self.calls)]
    async fn group(&self, id: GroupId) -> Result<Group> {
        let name = self.pool.query_all(format!("group {id:?}")).await?;
        Ok(Group { name })
    }

    #[coalesce(registry = self.calls)]
    async fn users(&self, filter: Option<Filter>, with_groups: bool) -> Result<Vec<User>> {
        let asked = format!("users {filter:?} {with_groups}");
        let name = self.pool.query_all(asked).await?;
        Ok(vec![User { name }])
    }

    #[coalesce(registry = self.calls)]
    async fn user(&self, id: &UserId) -> Result<User> {
        let name = self.pool.query_all(format!("user {id:?}")).await?;
        Ok(User { name })
    }

    #[coalesce(registry = self.calls)]
    async fn groups_of(&self, id: &UserId) -> Result<HashSet<Group>> {
        let name = self.pool.query_all(format!("groups of {id:?}")).await?;
        Ok(HashSet::from([Group { name }]))
    }

    #[coalesce(registry = self.calls)]
    async fn schema(&self) -> Result<Schema> {
        let attributes = vec![self.pool.query_all("schema".to_owned()).await?];
        Ok(Schema { attributes })
    }
}

fn directories() -> [SqlDirectory; 2] {
    ["ours", "theirs"].map(|name| SqlDirectory {
        pool: DatabaseConnection(name),
        calls: Registry::new(),
    })
}

#[test]
fn one_person_or_group() {
    let [ours, theirs] = directories();
    let [ann, bob] = ["ann", "bob"].map(|id| UserId(id.to_owned()));
    let [seven, eight] = [7, 8].map(GroupId);
    bodies! {
        "one group": [ours.group(seven), ours.group(seven)] => 1,
        "two groups": [ours.group(seven), ours.group(eight)] => 2,
        "group, two databases": [ours.group(seven), theirs.group(seven)] => 2,
        "one user": [ours.user(&ann), ours.user(&ann.clone())] => 1,
        "two users": [ours.user(&ann), ours.user(&bob)] => 2,
        "user, two databases": [ours.user(&ann), theirs.user(&ann)] => 2,
        "groups of one user": [ours.groups_of(&ann), ours.groups_of(&ann)] => 1,
        "groups of two users": [ours.groups_of(&ann), ours.groups_of(&bob)] => 2,
        "groups of a user, two databases": [ours.groups_of(&ann), theirs.groups_of(&ann)] => 2,
        "schema": [ours.schema(), ours.schema()] => 1,
        "schema, two databases": [ours.schema(), theirs.schema()] => 2,
    }
}

#[test]
fn people_and_groups_of_a_filter() {
    let [ours, theirs] = directories();
    let of = |id| Some(Filter::MemberOf(GroupId(id)));
    let not = |id| of(id).map(|filter| Filter::Not(filter.into()));
    bodies! {
        "groups": [ours.groups(of(7)), ours.groups(of(7))] => 1,
        "groups, two filters": [ours.groups(of(7)), ours.groups(not(7)), ours.groups(None)] => 3,
        "groups, two databases": [ours.groups(of(7)), theirs.groups(of(7))] => 2,
        "users": [ours.users(not(7), true), ours.users(not(7), true)] => 1,
        "users, two filters": [ours.users(not(7), true), ours.users(not(8), true)] => 2,
        "users, with less": [ours.users(of(7), true), ours.users(of(7), false)] => 2,
        "users, two databases": [ours.users(of(7), true), theirs.users(of(7), true)] => 2,
    }
}
