//! What an indexer of a ledger reads, on diesel-async: methods that call one another, and a resolver beside the pool.

use crate::{
    network::{Network, bodies, call, followed, together},
    stand_ins::diesel::{DieselError, Pool},
};
use coalesced::{CloneError, Registry, coalesce};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ObjectId([u8; 2]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Version(u64);

#[derive(Clone, Debug)]
struct Row {
    bytes: String,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Object {
    text: String,
}

/// It was not `Clone`.
#[derive(Clone, Debug, serde::Serialize)]
enum ObjectRead {
    Exists(Object),
}

#[derive(Clone, Debug, serde::Serialize)]
struct Package {
    modules: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
enum IndexerError {
    #[error("no such object")]
    NotFound,
    #[error("read failed: `{0}`")]
    Read(String),
}

impl From<DieselError> for IndexerError {
    fn from(error: DieselError) -> Self {
        Self::Read(error.to_string())
    }
}

impl CloneError for IndexerError {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Read(text) => Self::Read(text.clone()),
        }
    }
}

#[derive(Clone)]
struct Resolver(Pool);

#[derive(Clone)]
struct Reader {
    pool: Pool,
    resolver: Resolver,
    calls: Registry,
}

impl Reader {
    #[coalesce(registry = self.calls)]
    async fn row(
        &self,
        id: &ObjectId,
        version: Option<Version>,
    ) -> Result<Option<Row>, IndexerError> {
        let connection = self.pool.get().await?;
        let bytes = connection.load(format!("{id:?} {version:?}")).await?;
        Ok(Some(Row { bytes }))
    }

    #[coalesce(registry = self.calls)]
    async fn object(
        &self,
        id: &ObjectId,
        version: Option<Version>,
    ) -> Result<Option<Object>, IndexerError> {
        let row = self.row(id, version).await?;
        Ok(row.map(|row| Object { text: row.bytes }))
    }

    #[coalesce(registry = self.calls)]
    async fn read(&self, id: ObjectId) -> Result<ObjectRead, IndexerError> {
        let row = self.row(&id, None).await?.ok_or(IndexerError::NotFound)?;
        Ok(ObjectRead::Exists(Object { text: row.bytes }))
    }

    #[coalesce(registry = self.calls)]
    async fn package(&self, id: ObjectId) -> Result<Package, IndexerError> {
        let connection = self.resolver.0.get().await?;
        let modules = vec![connection.load(format!("package {id:?}")).await?];
        Ok(Package { modules })
    }

    #[coalesce(registry = self.calls)]
    async fn epoch(&self, epoch: Option<u64>) -> Result<Option<Row>, IndexerError> {
        let connection = self.pool.get().await?;
        let bytes = connection.load(format!("epoch {epoch:?}")).await?;
        Ok(Some(Row { bytes }))
    }

    #[coalesce(registry = self.calls)]
    async fn latest_epoch(&self) -> Result<Row, IndexerError> {
        let connection = self.pool.get().await?;
        let bytes = connection.load("the latest epoch".to_owned()).await?;
        Ok(Row { bytes })
    }
}

fn readers() -> [Reader; 2] {
    ["ours", "theirs"].map(|name| Reader {
        pool: Pool(name),
        resolver: Resolver(Pool(name)),
        calls: Registry::new(),
    })
}

#[test]
fn objects_by_id_and_version() {
    let [ours, theirs] = readers();
    let clone = ours.clone();
    let [one, two] = [ObjectId([1, 0]), ObjectId([2, 0])];
    let version = Some(Version(7));
    bodies! {
        "one row": [ours.row(&one, None), clone.row(&one, None)] => 1,
        "two rows": [ours.row(&one, None), ours.row(&two, None), ours.row(&one, version)] => 3,
        "row, two databases": [ours.row(&one, None), theirs.row(&one, None)] => 2,
        "one object": [ours.object(&one, version), clone.object(&one, version)] => 1,
        "two objects": [ours.object(&one, None), ours.object(&two, None), ours.object(&one, version)] => 3,
        "object, two databases": [ours.object(&one, None), theirs.object(&one, None)] => 2,
        "one read": [ours.read(one), clone.read(one)] => 1,
        "two reads": [ours.read(one), ours.read(two)] => 2,
        "read, two databases": [ours.read(one), theirs.read(one)] => 2,
        "an object, and the row that it is read from": [ours.object(&one, None), ours.row(&one, None)] => 1,
    }
}

#[test]
fn packages_and_epochs() {
    let [ours, theirs] = readers();
    let clone = ours.clone();
    let [one, two] = [ObjectId([1, 0]), ObjectId([2, 0])];
    bodies! {
        "one package": [ours.package(one), clone.package(one)] => 1,
        "two packages": [ours.package(one), ours.package(two)] => 2,
        "package, two databases": [ours.package(one), theirs.package(one)] => 2,
        "one epoch": [ours.epoch(Some(7)), clone.epoch(Some(7))] => 1,
        "two epochs": [ours.epoch(Some(7)), ours.epoch(Some(8)), ours.epoch(None)] => 3,
        "epoch, two databases": [ours.epoch(None), theirs.epoch(None)] => 2,
        "the latest epoch": [ours.latest_epoch(), clone.latest_epoch()] => 1,
        "the latest epoch, two databases": [ours.latest_epoch(), theirs.latest_epoch()] => 2,
    }
}

#[test]
fn what_reads_a_shared_row_is_shared_itself() {
    let [ours, _] = readers();
    let one = ObjectId([1, 0]);
    let objects = [ours.object(&one, None), ours.object(&one, None)];
    together(Network::Up, objects.map(call));
    assert_eq!(followed(&ours.calls, "object"), 1);
    together(Network::Up, [ours.read(one), ours.read(one)].map(call));
    assert_eq!(followed(&ours.calls, "read"), 1);
}
