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
//! Most of these are free functions of a pool, a connection or a context.
//!
//! # Methods of what owns the pool
//!
//! Then what owns a pool or a client in seven public projects was picked, and of each its methods that read, in the
//! order of its file (serenity's `get_..`), the first six where there are more: 44, all picked before any was annotated.
//! They are written here with names of our own, but with arguments, results and derives as there. Each was given
//! `#[coalesce(registry = self.calls)]`. 22 compiled at the first try:
//!
//! | methods | as in | at first | the others needed |
//! |---|---|---|---|
//! | `directory` (SeaORM, `async_trait`) | lldap, `SqlBackendHandler` | 4 of 6 | `groups`, `users`: `Hash` on the filter |
//! | `explorer` (diesel-async) | Sui, `IndexerReader` | 5 of 6 | `read`: `Clone` on the result |
//! | `shows`, `users` (GraphQL's services and loaders, anyhow) | caster, `ShowsService`, `UsersService`: all 8 | 7 of 8 | `page`: `Hash` on the condition and the order |
//! | `chat` (reqwest) | serenity, `Http` | 4 of 6 | `bans`, `audit_logs`: a key's derives on an argument, `Clone` on a result |
//! | `vectors` (tonic) | Qdrant's client, `Qdrant` | 2 of 6 | not `impl Into<Request>` but the request, `Eq` and `Hash` on it |
//! | `history` (SQLx, `async_trait`) | atuin, `Postgres` | 0 of 6 | `Clone` on the rows; of `&User`, `key = user.id` |
//! | `accounts` (reqwest, `async_trait`) | crates.io, `RealGitHubClient` | 0 of 6 | `Clone` on the results, `key` with who asks, which is an argument of each |
//!
//! So 31 functions need the attribute, a field and an impl a crate, and no more: these 22, and nine of the eleven above,
//! without the two that want a registry of their own for a clone with another token. Of the other 22, nine need derives
//! alone; the three with a `&User`, the six of `accounts` and the four requests need a `key`, or another argument.
//!
//! `services` was not picked, but written for kinds of arguments that are not among these (patterns, ranges, paths,
//! `impl AsRef<str>`). Its 21 methods compiled at the first try, and are not in the count.

mod accounts;
mod actix;
mod chat;
mod diesel;
mod directory;
mod explorer;
mod forum;
mod graphql;
mod history;
mod network;
mod reqwest;
mod sea_orm;
mod services;
mod shows;
mod sqlx;
mod stand_ins;
mod users;
mod vectors;
