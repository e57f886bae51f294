// What the refusals of errors offer, followed word for word.
#![deny(warnings)]

use coalesced::{CloneError, coalesce};
use std::{
    error::Error as _,
    sync::{
        Arc, Mutex,
        mpsc::{SendError, Sender},
    },
};

/// As in `return-error-not-clone.rs`.
#[derive(Debug)]
enum Error {
    NotFound,
    Database(std::fmt::Error, Mutex<()>),
}

// "implement `coalesced::CloneError`, once for all functions"
impl coalesced::CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Database(error, _) => Self::Database(*error, Mutex::default()),
        }
    }
}

#[coalesce]
async fn fetch(id: u64) -> Result<String, Error> {
    let _ = (id, Error::Database(std::fmt::Error, Mutex::new(())));
    Err(Error::NotFound)
}

// As in `return-error-of-an-alias.rs`, for another function.
type Result<T, E = Error> = std::result::Result<T, E>;

#[coalesce]
async fn by_an_alias(id: u64) -> Result<u64> {
    Ok(id)
}

// "return `Arc<..>`, and end the body with `Ok(..?)`"
#[coalesce]
async fn send(id: u64) -> Result<u64, Arc<SendError<Mutex<Sender<u64>>>>> {
    fn sent(id: u64) -> Result<u64, SendError<Mutex<Sender<u64>>>> {
        Ok(id)
    }
    Ok(sent(id)?)
}

// "another one that this is `From` goes by `.map_err(<..>::from)?`"
#[derive(Debug)]
struct Wrapped(#[expect(dead_code, reason = "it is shown")] std::io::Error);

impl From<std::io::Error> for Wrapped {
    fn from(error: std::io::Error) -> Self {
        Self(error)
    }
}

#[coalesce]
async fn wrapped(path: String) -> Result<String, Arc<Wrapped>> {
    Ok(std::fs::read_to_string(path).map_err(<Wrapped>::from)?)
}

// "or, if it is to be a response, an error of your own that holds that"
#[derive(Clone)]
struct Failed(Arc<SendError<Mutex<Sender<u64>>>>);

impl From<SendError<Mutex<Sender<u64>>>> for Failed {
    fn from(error: SendError<Mutex<Sender<u64>>>) -> Self {
        Self(Arc::new(error))
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        let text = self.0.to_string();
        (axum::http::StatusCode::SERVICE_UNAVAILABLE, text).into_response()
    }
}

#[coalesce]
async fn sending(axum::extract::Path(id): axum::extract::Path<u64>) -> Result<String, Failed> {
    let sent = || -> Result<u64, SendError<Mutex<Sender<u64>>>> { Ok(id) };
    Ok(sent()?.to_string())
}

struct Foreign;

// "say how it is copied: `clone_err = |error: &..| ..`"
#[coalesce(clone_err = |error: &Foreign| { let Foreign = error; Foreign })]
async fn copied(id: u64) -> Result<u64, Foreign> {
    if id == 0 {
        return Err(Foreign);
    }
    Ok(id)
}

// "last, `share = ok`"
#[coalesce(share = ok)]
async fn own(id: u64) -> Result<u64, Foreign> {
    if id == 0 {
        return Err(Foreign);
    }
    Ok(id)
}

// "if it is a `Box<dyn Error>`, return `Box<dyn Error + Send + Sync>`"
#[coalesce]
async fn boxed(id: u64) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    Ok(id)
}

// "if it is a response, return an error of your own that is `Clone`, and make each caller's response of it"
#[derive(Clone)]
struct Missing;

#[coalesce]
async fn answer(id: u64) -> Result<u64, Missing> {
    if id == 0 {
        return Err(Missing);
    }
    Ok(id)
}

async fn handler(id: u64) -> Result<String, axum::http::StatusCode> {
    let answer = answer(id).await;
    answer.map(|id| id.to_string()).map_err(|Missing| axum::http::StatusCode::NOT_FOUND)
}

// "if it is a parameter, `E: Clone + Send + Sync + 'static`"
#[coalesce(key = ())]
async fn of_a_parameter<E: Failing + Clone + Send + Sync + 'static>() -> Result<u64, E> {
    Err(E::new())
}

trait Failing {
    fn new() -> Self;
}

// Without a word.
#[coalesce]
async fn io(path: String) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[coalesce]
async fn with_anyhow(path: String) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(path)?)
}

#[coalesce]
fn plain<E: CloneError + Send + Sync + 'static>(error: fn() -> E) -> Result<u64, Box<E>> {
    Err(Box::new(error()))
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/{id}", axum::routing::get(sending));
    let _ = (fetch(7), by_an_alias(7), send(7), copied(7), own(7), boxed(7), handler(7));
    let _ = (wrapped(String::new()), io(String::new()), with_anyhow(String::new()));
    let error = plain(|| std::io::Error::other(std::fmt::Error)).unwrap_err();
    assert!(error.source().is_none());
}

#[expect(dead_code, reason = "it has no body to share with")]
async fn parameter<E: Failing + Clone + Send + Sync + 'static>() -> bool {
    of_a_parameter::<E>().await.is_ok()
}
