//! A shop on async-graphql, with a backend behind it.

use crate::{
    network::{self, bodies},
    stand_ins::async_graphql::{self, Context, Loader},
};
use coalesced::{CloneError, Registry, coalesce};
use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// What the backend's client returns: not `Clone`.
#[derive(Debug, thiserror::Error)]
#[error("status: Unavailable")]
struct Status;

impl From<network::TimedOut> for Status {
    fn from(_: network::TimedOut) -> Self {
        Self
    }
}

impl CloneError for Status {
    fn clone_error(&self) -> Self {
        Self
    }
}

/// A channel to the backend.
struct Channel(&'static str);

impl Channel {
    async fn ask(&self, what: String) -> Result<String, Status> {
        Ok(network::send(format!("{}: {what}", self.0)).await?)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Currency {
    Euro,
    Yen,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Product {
    id: i32,
    name: String,
}

struct User(u64);

struct Catalog {
    channel: Channel,
    calls: Registry,
}

impl Catalog {
    #[coalesce(registry = self.calls)]
    async fn product(&self, id: i32) -> Result<Option<Product>, Status> {
        let name = self.channel.ask(format!("product {id}")).await?;
        Ok(Some(Product { id, name }))
    }

    #[coalesce(registry = self.calls)]
    async fn user(&self, id: u64) -> Result<String, Status> {
        self.channel.ask(format!("user {id}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn reviews(&self, id: i32, first: usize) -> Result<Vec<String>, Status> {
        let asked = format!("{first} reviews of {id}");
        Ok(vec![self.channel.ask(asked).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn price(&self, sku: &str, currency: Currency) -> Result<f64, Status> {
        let price = self.channel.ask(format!("{sku} in {currency:?}")).await?;
        Ok(price.len() as f64)
    }
}

impl Loader<i32> for Catalog {
    type Value = Product;
    type Error = Arc<Status>;

    #[coalesce(registry = self.calls)]
    async fn load(&self, keys: &[i32]) -> Result<HashMap<i32, Product>, Arc<Status>> {
        let name = self.channel.ask(format!("products {keys:?}")).await?;
        let products = keys.iter().map(|&id| {
            let name = name.clone();
            (id, Product { id, name })
        });
        Ok(products.collect())
    }
}

/// The root, which `#[Object]` is on.
struct Query;

impl Query {
    /// A context tells who asks, and lives as long as its query: what is below is shared.
    async fn product(&self, ctx: &Context<'_>, id: i32) -> async_graphql::Result<Option<Product>> {
        let catalog: &Arc<Catalog> = ctx.data_unchecked();
        Ok(catalog.product(id).await?)
    }

    /// The same, with who asks as an argument.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let (catalog, User(id)) = (ctx.data_unchecked::<Arc<Catalog>>(), ctx.data_unchecked());
        Ok(catalog.user(*id).await?)
    }
}

impl Product {
    async fn reviews(&self, ctx: &Context<'_>, first: usize) -> async_graphql::Result<Vec<String>> {
        let catalog: &Arc<Catalog> = ctx.data_unchecked();
        Ok(catalog.reviews(self.id, first).await?)
    }
}

fn catalogs() -> [Arc<Catalog>; 2] {
    ["ours", "theirs"].map(|name| {
        Arc::new(Catalog {
            channel: Channel(name),
            calls: Registry::new(),
        })
    })
}

/// Somebody's query of a schema that has this catalog.
macro_rules! query {
    ($catalog:expr, $user:expr, $ctx:ident => $resolver:expr) => {{
        let data: [Box<dyn Any + Send + Sync>; 2] =
            [Box::new(Arc::clone($catalog)), Box::new(User($user))];
        async move {
            let $ctx = &Context::new(&data);
            $resolver.await.map_err(|error| error.message)
        }
    }};
}

#[test]
fn product_by_a_resolver() {
    let [ours, theirs] = catalogs();
    let product = |catalog, user, id| query!(catalog, user, ctx => Query.product(ctx, id));
    bodies! {
        "one product": [product(&ours, 1, 7), product(&ours, 1, 7), product(&ours, 2, 7)] => 1,
        "two products": [product(&ours, 1, 7), product(&ours, 1, 8)] => 2,
        "two backends": [product(&ours, 1, 7), product(&theirs, 1, 7)] => 2,
    }
}

#[test]
fn viewer_by_a_resolver() {
    let [ours, theirs] = catalogs();
    let viewer = |catalog, user| query!(catalog, user, ctx => Query.viewer(ctx));
    bodies! {
        "one user": [viewer(&ours, 1), viewer(&ours, 1)] => 1,
        "two users": [viewer(&ours, 1), viewer(&ours, 2)] => 2,
        "two backends": [viewer(&ours, 1), viewer(&theirs, 1)] => 2,
    }
}

#[test]
fn reviews_of_an_object() {
    let [ours, theirs] = catalogs();
    let reviews = |catalog, id, first| {
        let name = String::new();
        let product = Product { id, name };
        query!(catalog, 1, ctx => product.reviews(ctx, first))
    };
    bodies! {
        "of one product": [reviews(&ours, 7, 5), reviews(&ours, 7, 5)] => 1,
        "of two products": [reviews(&ours, 7, 5), reviews(&ours, 8, 5)] => 2,
        "more of them": [reviews(&ours, 7, 5), reviews(&ours, 7, 10)] => 2,
        "two backends": [reviews(&ours, 7, 5), reviews(&theirs, 7, 5)] => 2,
    }
}

#[test]
fn price_of_a_service() {
    let [ours, theirs] = catalogs();
    bodies! {
        "one price": [ours.price("a", Currency::Euro), ours.price("a", Currency::Euro)] => 1,
        "two currencies": [ours.price("a", Currency::Euro), ours.price("a", Currency::Yen)] => 2,
        "two products": [ours.price("a", Currency::Euro), ours.price("b", Currency::Euro)] => 2,
        "two backends": [ours.price("a", Currency::Euro), theirs.price("a", Currency::Euro)] => 2,
    }
}

#[test]
fn products_of_a_loader() {
    let [ours, theirs] = catalogs();
    let load = |catalog: &Arc<Catalog>, keys: &'static [i32]| {
        let catalog = Arc::clone(catalog);
        async move { Ok::<_, Arc<Status>>(BTreeMap::from_iter(catalog.load(keys).await?)) }
    };
    bodies! {
        "the same": [load(&ours, &[7, 8]), load(&ours, &[7, 8])] => 1,
        "some of them": [load(&ours, &[7, 8]), load(&ours, &[7])] => 2,
        "two backends": [load(&ours, &[7]), load(&theirs, &[7])] => 2,
    }
}
