//! A client of a store of vectors on tonic: requests were whatever becomes one.

use crate::{
    network::bodies,
    stand_ins::tonic::{Channel, Status},
};
use coalesced::{CloneError, Registry, coalesce};

/// As prost makes a message; older ones make it neither `Eq` nor `Hash`.
macro_rules! requests {
    ($($name:ident)+) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        struct $name {
            collection: String,
        }

        impl From<&str> for $name {
            fn from(collection: &str) -> Self {
                let collection = collection.to_owned();
                Self { collection }
            }
        }
    )+};
}

requests! { CollectionExists CollectionInfo CollectionAliases ClusterInfo }

#[derive(Clone, Debug, PartialEq)]
struct Response {
    result: String,
}

#[derive(Debug, thiserror::Error)]
enum VectorsError {
    #[error("error in the response: {0}")]
    Response(#[from] Status),
}

impl CloneError for VectorsError {
    fn clone_error(&self) -> Self {
        let Self::Response(status) = self;
        Self::Response(status.clone())
    }
}

type Result<T> = std::result::Result<T, VectorsError>;

#[derive(Clone)]
struct Vectors {
    channel: Channel,
    calls: Registry,
}

impl Vectors {
    #[coalesce(registry = self.calls)]
    async fn collections(&self) -> Result<Response> {
        let result = self.channel.unary(&"collections").await?;
        Ok(Response { result })
    }

    #[coalesce(registry = self.calls)]
    async fn exists(&self, request: CollectionExists) -> Result<bool> {
        let result = self.channel.unary(&request).await?;
        Ok(!result.is_empty())
    }

    #[coalesce(registry = self.calls)]
    async fn info(&self, request: CollectionInfo) -> Result<Response> {
        let result = self.channel.unary(&request).await?;
        Ok(Response { result })
    }

    #[coalesce(registry = self.calls)]
    async fn aliases_of(&self, request: CollectionAliases) -> Result<Response> {
        let result = self.channel.unary(&request).await?;
        Ok(Response { result })
    }

    #[coalesce(registry = self.calls)]
    async fn aliases(&self) -> Result<Response> {
        let result = self.channel.unary(&"aliases").await?;
        Ok(Response { result })
    }

    #[coalesce(registry = self.calls)]
    async fn cluster_info(&self, request: ClusterInfo) -> Result<Response> {
        let result = self.channel.unary(&request).await?;
        Ok(Response { result })
    }
}

fn clients() -> [Vectors; 2] {
    ["here", "there"].map(|name| Vectors {
        channel: Channel(name),
        calls: Registry::new(),
    })
}

#[test]
fn collections_of_a_server() {
    let [here, there] = clients();
    let clone = here.clone();
    bodies! {
        "collections": [here.collections(), clone.collections()] => 1,
        "collections, two servers": [here.collections(), there.collections()] => 2,
        "aliases": [here.aliases(), clone.aliases()] => 1,
        "aliases, two servers": [here.aliases(), there.aliases()] => 2,
        "two functions": [here.collections(), here.aliases()] => 2,
    }
}

#[test]
fn one_collection() {
    let [here, there] = clients();
    let clone = here.clone();
    bodies! {
        "exists": [here.exists("a".into()), clone.exists("a".into())] => 1,
        "exist two": [here.exists("a".into()), here.exists("b".into())] => 2,
        "exists, two servers": [here.exists("a".into()), there.exists("a".into())] => 2,
        "info": [here.info("a".into()), clone.info("a".into())] => 1,
        "info of two": [here.info("a".into()), here.info("b".into())] => 2,
        "info, two servers": [here.info("a".into()), there.info("a".into())] => 2,
        "aliases": [here.aliases_of("a".into()), clone.aliases_of("a".into())] => 1,
        "aliases of two": [here.aliases_of("a".into()), here.aliases_of("b".into())] => 2,
        "aliases, two servers": [here.aliases_of("a".into()), there.aliases_of("a".into())] => 2,
        "cluster info": [here.cluster_info("a".into()), clone.cluster_info("a".into())] => 1,
        "cluster info of two": [here.cluster_info("a".into()), here.cluster_info("b".into())] => 2,
        "cluster info, two servers": [here.cluster_info("a".into()), there.cluster_info("a".into())] => 2,
    }
}
