// What the refusals of options and of what is returned offer, word for word, each by its first way out.
#![deny(warnings)]

use coalesced::{Config, Group, coalesce};
use futures::future::BoxFuture;
use std::{sync::Arc, time::Duration};

// attribute-twice
#[coalesce(key = id, max_followers = 100)]
async fn once(id: u64) -> u64 {
    id
}

// option-with-a-value, options-spawn-and-detach, options-share-and-clone-err
#[coalesce(spawn)]
async fn spawned(id: u64) -> u64 {
    id
}

#[coalesce(hide)]
async fn hidden(id: u64) -> u64 {
    id
}

// option-misspelled, option-repeated, option-key-without-value, options-key-and-skip
#[coalesce(key = id)]
async fn keyed(db: &u64, id: u64) -> u64 {
    db + id
}

// option-skip-without-list, skip-no-argument, skip-twice
#[coalesce(skip(db))]
async fn skipped(db: &u64, id: u64) -> u64 {
    db + id
}

// option-of-another, share-something-else
#[coalesce(share = ok)]
async fn only_ok(id: u64) -> Result<u64, u64> {
    Ok(id)
}

// option-name-not-a-string
#[coalesce(name = "users.fetch")]
async fn named(id: u64) -> u64 {
    id
}

// limit-duration-wrong, limit-number-wrong
#[coalesce(max_wait = "100ms", max_age = "1.5s", max_followers = 100, max_in_flight = 10_000)]
async fn limited(id: u64) -> u64 {
    id
}

#[coalesce(config = Config::disabled())]
async fn disabled(id: u64) -> u64 {
    id
}

// options-config-and-limit
#[coalesce(config = Config::balanced().max_followers(10))]
async fn together(id: u64) -> u64 {
    id
}

// options-group-and-limits, options-group-and-name
static USERS: Group<u64, u64> = Group::new().named("users").with_config(Config::balanced());

#[coalesce(group = USERS)]
async fn of_a_group(id: u64) -> u64 {
    id
}

// bypass-not-a-condition
#[coalesce(skip(transaction), bypass = transaction.is_some())]
async fn bypassed(transaction: Option<u64>, id: u64) -> u64 {
    transaction.unwrap_or(id)
}

// option-config-a-name
#[coalesce(config = coalesced::Config::balanced())]
async fn balanced(id: u64) -> u64 {
    id
}

// limit-of-an-argument
const PATIENCE: Duration = Duration::from_millis(100);
const CONFIG: Config = Config::low_latency();

#[coalesce(max_wait = PATIENCE)]
async fn patient(id: u64) -> u64 {
    id
}

#[coalesce(config = CONFIG)]
async fn configured(id: u64) -> u64 {
    id
}

// return-future
#[coalesce]
async fn unnamed(id: u64) -> u64 {
    id
}

#[coalesce]
async fn awaited(id: u64) -> u64 {
    async move { id }.await
}

#[coalesce]
fn boxed(id: u64) -> BoxFuture<'static, u64> {
    Box::pin(async move { id })
}

// return-response
#[derive(Clone)]
struct Page(u64);

async fn handler(id: u64) -> axum::response::Response {
    let Page(id) = page(id).await;
    axum::response::IntoResponse::into_response(id.to_string())
}

#[coalesce]
async fn page(id: u64) -> Page {
    Page(id)
}

// return-stream
#[coalesce]
async fn collected(id: u64) -> Arc<[u64]> {
    Arc::from_iter([id])
}

// return-impl-response
async fn unnamed_handler(id: u64) -> impl axum::response::IntoResponse {
    unnamed_page(id).await.0.to_string()
}

#[coalesce]
async fn unnamed_page(id: u64) -> Page {
    Page(id)
}

// What has no name, and can be shared.
#[coalesce]
async fn text(id: u64) -> impl axum::response::IntoResponse {
    id.to_string()
}

#[coalesce]
async fn rows<T: Clone + Send + Sync + 'static>(row: fn() -> T) -> impl futures::Stream<Item = T> + Clone {
    futures::stream::iter([row()])
}

#[coalesce]
fn shown(id: u64) -> impl std::fmt::Display {
    id
}

// share-of-no-result, clone-err-of-no-result
#[coalesce(share = ok)]
async fn of_a_result(id: u64) -> Result<u64, std::io::Error> {
    Ok(id)
}

// return-generic
#[coalesce]
async fn of_a_type<T: Default + Clone + Send + Sync + 'static>(id: u64) -> Vec<T> {
    let _ = id;
    vec![T::default()]
}

// return-not-send
#[coalesce]
async fn sent(id: u64) -> Arc<u64> {
    Arc::new(id)
}

fn main() {
    drop((hidden(7), keyed(&7, 7), skipped(&7, 7), only_ok(7), named(7), limited(7)));
    drop((disabled(7), together(7), of_a_group(7), bypassed(None, 7)));
    drop((once(7), spawned(7), balanced(7), patient(7), configured(7)));
    drop((unnamed(7), boxed(7), handler(7), collected(7), of_a_type::<u64>(7)));
    drop((sent(7), awaited(7), unnamed_handler(7), text(7), rows(|| 7), of_a_result(7)));
    drop(shown(7));
}
