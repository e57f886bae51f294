//! Errors that are not `Clone`, and are shared all the same: copied by their own trait, or held by each caller's.

use crate::support::{Gate, begin, failures};
use anyhow::Context as _;
use coalesced::{CloneError, SharedError, coalesce};
use std::{error::Error as _, io};
use tokio_test::{assert_pending, assert_ready, task};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of a crate: it holds one that exists once.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no such row")]
    NotFound,
    #[error("the backend: {0}")]
    Backend(#[from] io::Error),
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Backend(error) => Self::Backend(error.clone_error()),
        }
    }
}

/// What the backend says; it is no system's.
#[derive(Debug, thiserror::Error)]
#[error("the backend is down")]
struct Down(#[source] io::Error);

fn down() -> Down {
    Down(io::Error::from_raw_os_error(111))
}

#[coalesce(key = gate.id)]
async fn copied(gate: &Gate) -> Result<u64, Error> {
    gate.pass().await;
    Err(io::Error::other(down()))?
}

#[test]
fn the_followers_have_copies_and_the_leader_has_the_original() {
    let gate = Gate::closed();
    let [leader, follower, last] = failures(&gate, || copied(&gate));
    assert!(leader.source().unwrap().source().is_some());
    for error in [&leader, &follower, &last] {
        assert_eq!(error.to_string(), "the backend: the backend is down");
    }
    let Error::Backend(copy) = &follower else {
        panic!("the variant is another")
    };
    assert!(copy.get_ref().is_some_and(|text| !text.is::<Down>()));
}

#[test]
fn io_errors_are_copied() {
    let plain = io::Error::from(io::ErrorKind::NotFound);
    let system = io::Error::from_raw_os_error(2);
    let own = io::Error::new(io::ErrorKind::TimedOut, down());
    for error in [plain, system, own] {
        let copy = error.clone_error();
        assert_eq!(copy.kind(), error.kind());
        assert_eq!(copy.raw_os_error(), error.raw_os_error());
        assert_eq!(copy.to_string(), error.to_string());
        assert_eq!(copy.get_ref().is_some(), error.get_ref().is_some());
        assert_eq!(copy.clone_error().to_string(), error.to_string());
    }
}

#[coalesce(key = gate.id)]
async fn with_anyhow(gate: &Gate) -> anyhow::Result<u64> {
    gate.pass().await;
    Err(down()).context("fetching")
}

#[test]
fn an_anyhow_error_is_found_in_the_chain_of_each_caller() {
    let gate = Gate::closed();
    let errors = failures(&gate, || with_anyhow(&gate));
    let found = errors.each_ref().map(|error| {
        assert_eq!(error.to_string(), "fetching");
        let downs = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<Down>());
        let [down] = downs.collect::<Vec<_>>()[..] else {
            panic!("it is there once")
        };
        std::ptr::from_ref(down)
    });
    assert!(
        found.iter().all(|down| *down == found[0]),
        "one and the same"
    );
}

#[test]
fn who_fails_alone_has_the_original() {
    let gate = Gate::opened();
    let error = assert_ready!(task::spawn(with_anyhow(&gate)).poll()).unwrap_err();
    assert!(error.is::<Down>() && !error.is::<SharedError>());
    let error = assert_ready!(task::spawn(boxed(&gate)).poll()).unwrap_err();
    assert!(error.is::<Down>());

    let gate = Gate::closed();
    let mut leader = task::spawn(with_anyhow(&gate));
    let mut follower = task::spawn(with_anyhow(&gate));
    assert_pending!(leader.poll());
    assert_pending!(follower.poll());
    drop(follower);
    gate.open();
    let error = assert_ready!(leader.poll()).unwrap_err();
    assert!(error.is::<Down>(), "nobody waited in the end");
}

#[coalesce(key = gate.id)]
async fn boxed(gate: &Gate) -> Result<u64, BoxError> {
    gate.pass().await;
    Err(down().into())
}

#[test]
fn a_boxed_error_is_the_source_of_each_callers() {
    let gate = Gate::closed();
    for error in failures(&gate, || boxed(&gate)) {
        assert_eq!(error.to_string(), "the backend is down");
        assert_eq!(
            format!("{error:?}"),
            format!("{:?}", down()),
            "as the original"
        );
        let shared = error.downcast_ref::<SharedError>().unwrap();
        assert!(shared.original().is::<Down>());
        assert!(shared.source().unwrap().is::<Down>());
    }
}

#[coalesce(key = gate.id)]
async fn outer(gate: &Gate) -> anyhow::Result<u64> {
    with_anyhow(gate).await
}

#[test]
fn an_error_that_was_shared_below_is_not_wrapped_again() {
    let gate = Gate::closed();
    let mut below = task::spawn(with_anyhow(&gate));
    assert_pending!(below.poll());
    let calls = begin::<2, _>(|| outer(&gate));
    gate.open();
    assert!(assert_ready!(below.poll()).is_err());
    for mut call in calls {
        let error = assert_ready!(call.poll()).unwrap_err();
        let shared = error.chain().filter(|cause| cause.is::<SharedError>());
        assert_eq!(shared.count(), 1);
        assert!(error.chain().any(|cause| cause.is::<Down>()));
    }
}

#[coalesce(key = gate.id)]
async fn in_a_context(gate: &Gate) -> anyhow::Result<u64> {
    with_anyhow(gate).await.context("loading a user")
}

/// Each of two functions adds a link that reads as the next: what an error is is found by those who search the chain,
/// and a chain is not printed twice by those who leave out repetitions.
#[test]
fn a_shared_error_in_a_context_is_found_in_the_chain() {
    let gate = Gate::closed();
    let mut below = task::spawn(with_anyhow(&gate));
    assert_pending!(below.poll());
    let calls = begin::<2, _>(|| in_a_context(&gate));
    gate.open();
    assert!(assert_ready!(below.poll()).is_err());
    for mut call in calls {
        let error = assert_ready!(call.poll()).unwrap_err();
        assert!(error.chain().any(|cause| cause.is::<Down>()));
        let mut texts: Vec<_> = error.chain().map(ToString::to_string).collect();
        texts.dedup();
        let reason = down().0.to_string();
        assert_eq!(
            texts,
            ["loading a user", "fetching", "the backend is down", &reason]
        );
    }
}

/// An error of one's own that has room for another's.
#[derive(Debug, thiserror::Error)]
enum Transparent {
    #[error(transparent)]
    Down(#[from] Down),
    #[error(transparent)]
    Shared(#[from] SharedError),
}

#[coalesce(key = gate.id)]
async fn transparent(gate: &Gate) -> Result<u64, Transparent> {
    gate.pass().await;
    Err(down())?
}

#[test]
fn an_error_of_ones_own_that_is_made_from_a_shared_one() {
    let gate = Gate::closed();
    for error in failures(&gate, || transparent(&gate)) {
        let Transparent::Shared(shared) = error else {
            panic!("it is shared")
        };
        let original = shared.original().downcast_ref().unwrap();
        assert!(matches!(original, Transparent::Down(_)));
    }
}
