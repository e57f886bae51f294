//! What the resolvers of users call: a service on SeaORM behind a trait, with anyhow, and a loader on top.

use crate::{
    network::{Network, bodies, call, followed, together},
    stand_ins::{
        async_graphql::{self, Loader, load_many},
        sea_orm::{ConnectionTrait, DatabaseConnection},
    },
};
use anyhow::Result;
use async_trait::async_trait;
use coalesced::{Registry, coalesce};
use std::{collections::HashMap, sync::Arc};

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
struct User {
    id: String,
    name: String,
}

#[async_trait]
trait Users: Send + Sync {
    async fn get(&self, id: &str) -> Result<Option<User>>;
    async fn by_ids(&self, ids: Vec<String>) -> Result<Vec<User>>;
    async fn by_name(&self, name: &str, with_roles: &bool) -> Result<Option<User>>;
}

struct UserService {
    db: Arc<DatabaseConnection>,
    calls: Registry,
}

#[async_trait]
impl Users for UserService {
    #[coalesce(registry = self.calls)]
    async fn get(&self, id: &str) -> Result<Option<User>> {
        let name = self.db.query_all(format!("user {id}")).await?;
        let id = id.to_owned();
        Ok(Some(User { id, name }))
    }

    #[coalesce(registry = self.calls)]
    async fn by_ids(&self, ids: Vec<String>) -> Result<Vec<User>> {
        let name = &self.db.query_all(format!("users {ids:?}")).await?;
        let user = |id| User {
            id,
            name: name.clone(),
        };
        Ok(ids.into_iter().map(user).collect())
    }

    #[coalesce(registry = self.calls)]
    async fn by_name(&self, name: &str, with_roles: &bool) -> Result<Option<User>> {
        let asked = format!("user named {name}, {with_roles}");
        let (id, name) = (String::new(), self.db.query_all(asked).await?);
        Ok(Some(User { id, name }))
    }
}

struct UserLoader {
    users: Arc<dyn Users>,
    calls: Registry,
}

impl Loader<String> for UserLoader {
    type Value = User;
    type Error = async_graphql::Error;

    #[coalesce(registry = self.calls)]
    async fn load(&self, keys: &[String]) -> Result<HashMap<String, User>, async_graphql::Error> {
        let users = self.users.by_ids(keys.into()).await?;
        Ok(users.into_iter().map(|it| (it.id.clone(), it)).collect())
    }
}

fn services() -> [UserService; 2] {
    ["ours", "theirs"].map(|name| UserService {
        db: Arc::new(DatabaseConnection(name)),
        calls: Registry::new(),
    })
}

#[test]
fn users_of_a_service() {
    let [ours, theirs] = services();
    let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    bodies! {
        "one user": [ours.get("a"), ours.get("a")] => 1,
        "two users": [ours.get("a"), ours.get("b")] => 2,
        "user, two databases": [ours.get("a"), theirs.get("a")] => 2,
        "the same": [ours.by_ids(ids(&["a", "b"])), ours.by_ids(ids(&["a", "b"]))] => 1,
        "some of them": [ours.by_ids(ids(&["a", "b"])), ours.by_ids(ids(&["b"]))] => 2,
        "the same, two databases": [ours.by_ids(ids(&["a"])), theirs.by_ids(ids(&["a"]))] => 2,
        "by name": [ours.by_name("a", &true), ours.by_name("a", &true)] => 1,
        "with less": [ours.by_name("a", &true), ours.by_name("a", &false)] => 2,
        "by two names": [ours.by_name("a", &true), ours.by_name("b", &true)] => 2,
        "by name, two databases": [ours.by_name("a", &true), theirs.by_name("a", &true)] => 2,
    }
}

#[test]
fn users_of_a_loader() {
    let [ours, theirs] = services().map(|users| UserLoader {
        users: Arc::new(users),
        calls: Registry::new(),
    });
    bodies! {
        "the same": [load_many(&ours, &["a", "b"]), load_many(&ours, &["a", "b"])] => 1,
        "some of them": [load_many(&ours, &["a", "b"]), load_many(&ours, &["a"])] => 2,
        "two databases": [load_many(&ours, &["a"]), load_many(&theirs, &["a"])] => 2,
    }
    let calls = [load_many(&ours, &["a"]), load_many(&ours, &["a"])];
    let before = followed(&ours.calls, "load");
    together(Network::Up, calls.map(call));
    assert_eq!(
        followed(&ours.calls, "load"),
        before + 1,
        "and not only what it calls"
    );
}
