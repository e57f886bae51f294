//! Functions as services have them, of the shapes of public ones: who shares with whom, for each.
//!
//! They were written first, and then annotated by somebody who gives what owns the pool a field `calls: Registry`,
//! implements `CloneError` for the crate's error, and says no more than `#[coalesce(registry = owner.calls)]`, or
//! `#[coalesce]` where no argument is an owner. 11 of 31 compiled then, and two of these were not safe. What the others
//! needed:
//!
//! | function | at first | needed |
//! |---|---|---|
//! | `sea_orm`: `Shop::page`, `by_author` (a trait's), `show` (axum) | compiles | |
//! | `book_by_id(db: &DbConn, ..) -> Result<_, DbErr>` | refused: connection, error | takes the owner, returns the crate's error |
//! | `book_by_isbn(db: &impl ConnectionTrait, ..)` | refused: connection | a method of the owner that calls it |
//! | `diesel`: `downloads` (axum) | refused: two arguments, error | `Hash` and its like on them, `Sync` on the boxed error's trait |
//! | `owners(&self, krate: &Krate)` | refused: argument, error | the same |
//! | `crate_downloads(conn: &AsyncPgConnection, ..)` | refused: connection, error | a method of the owner that calls it |
//! | `forum`: `Site::read_from_url(pool: &mut DbPool, ..)` | refused: connection | takes the owner |
//! | `PostView::read(pool: &mut DbPool, .., me: Option<&LocalUser>, ..)` | refused: connection | `key` with who asks, `bypass` of transactions |
//! | `sqlx`: `tags` (axum), `Users::by_ids` | compiles | |
//! | `username(.., pool: &PgPool)` | refused: connection | takes the owner |
//! | `article(maybe_auth_user, ..)` (axum) | refused: who asks | `key` with who asks |
//! | `user_by_email(executor: impl Executor, ..)` | refused: connection, error | a method of the owner that calls it |
//! | `due(transaction: &mut Transaction, ..)` | refused: connection, error | to be left alone |
//! | `reqwest`: `Client::repository`, `access_token` | compiles | a registry of its own for a clone with another token |
//! | `Client::get<R: DeserializeOwned>` | refused: `R` | its bounds |
//! | `Issues<'_>::get` (`registry = self.client.calls`) | refused: `self` | `key` with the repository |
//! | `feed(http: &reqwest::Client, ..) -> Result<_, reqwest::Error>` | refused: client, error | takes the owner, returns the crate's error |
//! | `actix`: `site`, `Context::subscriber` | compiles | |
//! | `dashboard -> HttpResponse` | refused: session, pool, response | what it is made of, as a method of the owner |
//! | `list`, `issue -> web::Json<_>` | refused: arguments, response | the same, with who asks as an argument |
//! | `graphql`: `Catalog::price`, `load` (a data loader) | compiles | |
//! | `Query::product`, `viewer`, `Product::reviews` (`ctx: &Context<'_>`) | refused: context | methods of the owner, with who asks as an argument |
//!
//! Most of these are free functions of a pool, a connection or a context. Where functions are methods of what owns the
//! pool, as in `services`, it takes no more than the field and the impl: of 21 (`Ledger` 8, `Packages` 7, `Catalog` behind
//! the trait `Products` 5, `Checkout` 1) all compiled at the first try, and share as they should. With nine of those
//! above, which needed nothing else, they are thirty.

mod actix;
mod diesel;
mod forum;
mod graphql;
mod network;
mod reqwest;
mod sea_orm;
mod services;
mod sqlx;
mod stand_ins;
