//! What the resolvers of shows call: a service on SeaORM behind a trait, with anyhow, and a loader on top.

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
struct Show {
    id: String,
    title: String,
}

/// It was no `Hash`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Condition {
    title: Option<String>,
}

/// The same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum OrderBy {
    TitleAsc,
    TitleDesc,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Page<T> {
    data: Vec<T>,
}

#[async_trait]
trait Shows: Send + Sync {
    async fn get(&self, id: &str) -> Result<Option<Show>>;
    async fn by_ids(&self, ids: Vec<String>) -> Result<Vec<Show>>;
    async fn page(
        &self,
        condition: Option<Condition>,
        order_by: Option<Vec<OrderBy>>,
        page: Option<u64>,
        page_size: Option<u64>,
    ) -> Result<Page<Show>>;
}

struct ShowService {
    db: Arc<DatabaseConnection>,
    calls: Registry,
}

#[async_trait]
impl Shows for ShowService {
    #[coalesce(registry = self.calls)]
    async fn get(&self, id: &str) -> Result<Option<Show>> {
        let title = self.db.query_all(format!("show {id}")).await?;
        let id = id.to_owned();
        Ok(Some(Show { id, title }))
    }

    #[coalesce(registry = self.calls)]
    async fn by_ids(&self, ids: Vec<String>) -> Result<Vec<Show>> {
        let title = self.db.query_all(format!("shows {ids:?}")).await?;
        let show = |id| Show {
            id,
            title: title.clone(),
        };
        Ok(ids.into_iter().map(show).collect())
    }

    #[coalesce(registry = self.calls)]
    async fn page(
        &self,
        condition: Option<Condition>,
        order_by: Option<Vec<OrderBy>>,
        page: Option<u64>,
        page_size: Option<u64>,
    ) -> Result<Page<Show>> {
        let asked = format!("{condition:?} {order_by:?} {page:?} {page_size:?}");
        let title = self.db.query_all(asked).await?;
        let id = String::new();
        let data = vec![Show { id, title }];
        Ok(Page { data })
    }
}

struct ShowLoader {
    shows: Arc<dyn Shows>,
    calls: Registry,
}

impl Loader<String> for ShowLoader {
    type Value = Show;
    type Error = async_graphql::Error;

    #[coalesce(registry = self.calls)]
    async fn load(&self, keys: &[String]) -> Result<HashMap<String, Show>, async_graphql::Error> {
        let shows = self.shows.by_ids(keys.into()).await?;
        Ok(shows.into_iter().map(|it| (it.id.clone(), it)).collect())
    }
}

fn services() -> [ShowService; 2] {
    ["ours", "theirs"].map(|name| ShowService {
        db: Arc::new(DatabaseConnection(name)),
        calls: Registry::new(),
    })
}

#[test]
fn shows_of_a_service() {
    let [ours, theirs] = services();
    let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    bodies! {
        "one show": [ours.get("a"), ours.get("a")] => 1,
        "two shows": [ours.get("a"), ours.get("b")] => 2,
        "show, two databases": [ours.get("a"), theirs.get("a")] => 2,
        "the same": [ours.by_ids(ids(&["a", "b"])), ours.by_ids(ids(&["a", "b"]))] => 1,
        "some of them": [ours.by_ids(ids(&["a", "b"])), ours.by_ids(ids(&["a"]))] => 2,
        "the same, two databases": [ours.by_ids(ids(&["a"])), theirs.by_ids(ids(&["a"]))] => 2,
    }
}

#[test]
fn page_of_shows() {
    let [ours, theirs] = services();
    let titled = |title: &str| {
        let title = Some(title.to_owned());
        Some(Condition { title })
    };
    let [up, down] = [OrderBy::TitleAsc, OrderBy::TitleDesc].map(|by| move || Some(vec![by]));
    bodies! {
        "one": [ours.page(titled("a"), up(), None, None), ours.page(titled("a"), up(), None, None)] => 1,
        "two titles": [ours.page(titled("a"), up(), None, None), ours.page(titled("b"), up(), None, None)] => 2,
        "two orders": [ours.page(None, up(), None, None), ours.page(None, down(), None, None)] => 2,
        "page and size": [ours.page(None, None, Some(2), None), ours.page(None, None, None, Some(2))] => 2,
        "two databases": [ours.page(None, up(), None, None), theirs.page(None, up(), None, None)] => 2,
    }
}

#[test]
fn shows_of_a_loader() {
    let [ours, theirs] = services().map(|shows| ShowLoader {
        shows: Arc::new(shows),
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
