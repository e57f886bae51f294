//! Functions of all shapes share errors that are not `Clone`.

use crate::support::{Gate, begin, failures, unwinds};
use coalesced::{CloneError, Group, SharedError, coalesce, groups};
use std::{error, fmt, io, thread};
use tokio_test::{assert_ready, assert_ready_eq, task};

#[coalesce(key = gate.id)]
async fn of_any_error<E>(gate: &Gate, error: fn() -> E) -> Result<String, E>
where
    E: CloneError + Send + Sync + 'static,
{
    gate.pass().await;
    Err(error())
}

#[coalesce(key = gate.id)]
async fn of_any_value<T: Clone + Send + Sync + 'static>(
    gate: &Gate,
    value: T,
) -> anyhow::Result<T> {
    gate.pass().await;
    anyhow::ensure!(gate.bodies_started() > 1, "the first one");
    Ok(value)
}

#[test]
fn generic_functions_share_by_their_bounds() {
    let gate = Gate::closed();
    let errors = failures(&gate, || of_any_error(&gate, || io::Error::other("down")));
    assert!(errors.iter().all(|error| error.to_string() == "down"));

    let gate = Gate::closed();
    let errors = failures(&gate, || of_any_value(&gate, 7_u64));
    assert!(errors.iter().all(anyhow::Error::is::<SharedError>));
    let again = task::spawn(of_any_value(&gate, 7_u64)).poll();
    assert_eq!(assert_ready!(again).unwrap(), 7);
}

type Fallible<T> = io::Result<T>;

#[coalesce(key = gate.id)]
async fn by_an_alias(gate: &Gate) -> Fallible<u64> {
    gate.pass().await;
    Err(io::ErrorKind::NotFound.into())
}

#[test]
fn an_alias_is_what_it_stands_for() {
    let gate = Gate::closed();
    let errors = failures(&gate, || by_an_alias(&gate));
    assert_eq!(
        errors.map(|error| error.kind()),
        [io::ErrorKind::NotFound; 3]
    );
}

#[test]
fn a_group_of_ones_own_has_what_the_function_returns() {
    type Flights = Group<u64, anyhow::Result<u64>>;

    #[coalesce(group = flights, key = gate.id)]
    async fn owned(flights: &Flights, gate: &Gate) -> anyhow::Result<u64> {
        gate.pass().await;
        anyhow::bail!("down")
    }

    let (flights, gate) = (Flights::new(), Gate::closed());
    let errors = failures(&gate, || owned(&flights, &gate));
    assert!(errors.iter().all(|error| error.to_string() == "down"));
    assert_eq!((flights.stats().errors, flights.in_flight()), (1, 0));
}

#[async_trait::async_trait]
trait Repo: Sync {
    async fn fetch(&self, gate: &Gate) -> anyhow::Result<u64>;
}

struct Sql;

#[async_trait::async_trait]
impl Repo for Sql {
    #[coalesce(key = gate.id)]
    async fn fetch(&self, gate: &Gate) -> anyhow::Result<u64> {
        gate.pass().await;
        Err(io::Error::from_raw_os_error(111))?
    }
}

#[test]
fn under_async_trait() {
    let (repo, gate): (Box<dyn Repo>, _) = (Box::new(Sql), Gate::closed());
    for error in failures(&gate, || repo.fetch(&gate)) {
        assert!(error.chain().any(|cause| cause.is::<io::Error>()));
    }
}

#[test]
fn threads() {
    #[coalesce(name = "a thread's error")]
    fn blocking(key: u64) -> anyhow::Result<u64> {
        let group = groups()
            .into_iter()
            .find(|it| it.name() == "a thread's error");
        while group.as_ref().unwrap().stats().waiting < 2 {
            thread::yield_now();
        }
        let _ = key;
        Err(io::Error::from_raw_os_error(111))?
    }

    thread::scope(|scope| {
        let callers = [(); 3].map(|()| scope.spawn(|| blocking(7)));
        for caller in callers {
            let error = caller.join().unwrap().unwrap_err();
            assert!(error.chain().any(|cause| cause.is::<io::Error>()));
        }
    });
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_spawned_body() {
    #[coalesce(spawn, key = gate.id)]
    async fn spawned(gate: std::sync::Arc<Gate>) -> anyhow::Result<u64> {
        gate.pass().await;
        Err(io::Error::from_raw_os_error(111))?
    }

    let gate = Gate::closed();
    let calls = begin::<3, _>(|| spawned(std::sync::Arc::clone(&gate)));
    gate.open();
    for call in calls {
        let error = call.await.unwrap_err();
        assert!(error.chain().any(|cause| cause.is::<io::Error>()));
    }
    assert_eq!(gate.bodies_started(), 1);
    let alone = spawned(gate).await.unwrap_err();
    assert!(alone.is::<io::Error>(), "the original");
}

#[test]
fn what_is_clone_is_cloned_however_it_looks() {
    /// It has all three ways.
    #[derive(Debug, Clone, PartialEq)]
    struct Error(&'static str);

    impl CloneError for Error {
        fn clone_error(&self) -> Self {
            Self("copied")
        }
    }

    impl From<SharedError> for Error {
        fn from(_: SharedError) -> Self {
            Self("shared")
        }
    }

    impl fmt::Display for Error {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl error::Error for Error {}

    #[coalesce(key = gate.id)]
    async fn flat(gate: &Gate) -> Result<u64, Error> {
        gate.pass().await;
        Err(Error("cloned"))
    }

    #[coalesce(key = gate.id)]
    async fn nested(gate: &Gate) -> Option<Result<u64, Error>> {
        gate.pass().await;
        Some(Err(Error("cloned")))
    }

    let gate = Gate::closed();
    assert_eq!(
        failures(&gate, || flat(&gate)),
        [(); 3].map(|()| Error("cloned"))
    );

    let gate = Gate::closed();
    let calls = begin::<2, _>(|| nested(&gate));
    gate.open();
    for mut call in calls {
        assert_ready_eq!(call.poll(), Some(Err(Error("cloned"))));
    }
}

/// Each caller's own code, which hurts no other.
#[test]
fn an_error_that_cannot_be_made_of_a_shared_one() {
    #[derive(Debug)]
    struct Error;

    impl From<SharedError> for Error {
        fn from(_: SharedError) -> Self {
            panic!("no room")
        }
    }

    impl fmt::Display for Error {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("down")
        }
    }

    impl error::Error for Error {}

    #[coalesce(key = gate.id)]
    async fn fetch(gate: &Gate) -> Result<u64, Error> {
        gate.pass().await;
        Err(Error)
    }

    let gate = Gate::closed();
    let calls = begin::<3, _>(|| fetch(&gate));
    gate.open();
    for mut call in calls {
        assert_eq!(unwinds(|| call.poll()), "no room");
    }
    assert_eq!(gate.bodies_started(), 1);
}
