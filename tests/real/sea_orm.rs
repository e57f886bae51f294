//! A bookshop on SeaORM, with axum in front.

use crate::{
    network::bodies,
    stand_ins::{
        sea_orm::{ConnectionTrait, DatabaseConnection, DbErr},
        uuid::Uuid,
    },
};
use anyhow::Context;
use async_trait::async_trait;
use axum::{
    Json,
    extract::{Path, State},
};
use coalesced::{CloneError, Registry, coalesce};
use std::sync::Arc;

mod book {
    use crate::stand_ins::sea_orm::{ConnectionTrait, DbErr};

    #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
    pub(super) struct Model {
        pub(super) id: i32,
        pub(super) title: String,
    }

    /// The books for which this is so.
    pub(super) struct Find(pub(super) String);

    impl Find {
        pub(super) async fn all(self, db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
            let title = db.query_all(self.0).await?;
            Ok(vec![Model { id: 1, title }])
        }

        pub(super) async fn one(self, db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
            Ok(self.all(db).await?.pop())
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no such book")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Database(DbErr::ConnectionAcquire) => Self::Database(DbErr::ConnectionAcquire),
        }
    }
}

struct Query;

impl Query {
    /// It took `db: &DbConn`, and returned a `DbErr`.
    #[coalesce(registry = shop.calls)]
    async fn book_by_id(shop: &Shop, id: i32) -> Result<Option<book::Model>, Error> {
        Ok(book::Find(format!("id = {id}")).one(&shop.db).await?)
    }
}

/// Also for transactions, and so not shared.
async fn book_by_isbn<C: ConnectionTrait>(db: &C, isbn: &str) -> Result<book::Model, Error> {
    let book = book::Find(format!("isbn = {isbn}")).one(db).await?;
    book.ok_or(Error::NotFound)
}

struct Shop {
    db: DatabaseConnection,
    calls: Registry,
}

impl Shop {
    #[coalesce(registry = self.calls)]
    async fn page(&self, page: u64, per_page: u64) -> Result<(Vec<book::Model>, u64), Error> {
        let books = book::Find(format!("{per_page} from {}", page * per_page));
        let books = books.all(&self.db).await?;
        Ok((books, page))
    }

    #[coalesce(registry = self.calls)]
    async fn by_isbn(&self, isbn: &str) -> Result<book::Model, Error> {
        book_by_isbn(&self.db, isbn).await
    }
}

#[async_trait]
trait Books {
    async fn by_author(&self, author: Uuid, after: Option<i32>)
    -> anyhow::Result<Vec<book::Model>>;
}

#[async_trait]
impl Books for Shop {
    #[coalesce(registry = self.calls)]
    async fn by_author(
        &self,
        author: Uuid,
        after: Option<i32>,
    ) -> anyhow::Result<Vec<book::Model>> {
        let books = book::Find(format!("author = {author:?} and id > {after:?}"));
        books.all(&self.db).await.context("the books of an author")
    }
}

#[coalesce(registry = shop.calls)]
async fn show(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<i32>,
) -> Result<Json<book::Model>, Error> {
    let book = book::Find(format!("id = {id}")).one(&shop.db).await?;
    book.map(Json).ok_or(Error::NotFound)
}

fn shops() -> [Shop; 2] {
    ["ours", "theirs"].map(|name| Shop {
        db: DatabaseConnection(name),
        calls: Registry::new(),
    })
}

#[test]
fn page() {
    let [ours, theirs] = shops();
    bodies! {
        "one page": [ours.page(1, 20), ours.page(1, 20), ours.page(1, 20)] => 1,
        "two pages": [ours.page(1, 20), ours.page(2, 10), ours.page(1, 20)] => 2,
        "two databases": [ours.page(1, 20), theirs.page(1, 20)] => 2,
    }
}

#[test]
fn by_author_of_a_trait() {
    let [ours, theirs] = shops();
    let books: [&dyn Books; 2] = [&ours, &theirs];
    let [ours, theirs] = books;
    bodies! {
        "one author": [ours.by_author(Uuid(7), None), ours.by_author(Uuid(7), None)] => 1,
        "another page": [ours.by_author(Uuid(7), None), ours.by_author(Uuid(7), Some(0))] => 2,
        "two authors": [ours.by_author(Uuid(7), None), ours.by_author(Uuid(8), None)] => 2,
        "two databases": [ours.by_author(Uuid(7), None), theirs.by_author(Uuid(7), None)] => 2,
    }
}

#[test]
fn show_by_a_handler() {
    let [ours, theirs] = shops().map(|shop| State(Arc::new(shop)));
    let show = |shop: &State<Arc<Shop>>, id| show(shop.clone(), Path(id));
    bodies! {
        "one book": [show(&ours, 7), show(&ours, 7)] => 1,
        "two books": [show(&ours, 7), show(&ours, 8)] => 2,
        "two databases": [show(&ours, 7), show(&theirs, 7)] => 2,
    }
}

#[test]
fn book_by_id_of_a_pool() {
    let [ours, theirs] = shops();
    bodies! {
        "one book": [Query::book_by_id(&ours, 7), Query::book_by_id(&ours, 7)] => 1,
        "two books": [Query::book_by_id(&ours, 7), Query::book_by_id(&ours, 8)] => 2,
        "two databases": [Query::book_by_id(&ours, 7), Query::book_by_id(&theirs, 7)] => 2,
    }
}

#[test]
fn book_by_isbn_of_any_connection() {
    let [ours, theirs] = shops();
    let [one, other] = [1, 2].map(|number| ours.db.begin(number));
    bodies! {
        "one book": [ours.by_isbn("3-16"), ours.by_isbn("3-16")] => 1,
        "two books": [ours.by_isbn("3-16"), ours.by_isbn("0-19")] => 2,
        "two databases": [ours.by_isbn("3-16"), theirs.by_isbn("3-16")] => 2,
        "in transactions": [
            ours.by_isbn("3-16"),
            book_by_isbn(&one, "3-16"),
            book_by_isbn(&one, "3-16"),
            book_by_isbn(&other, "3-16"),
        ] => 4,
    }
}
