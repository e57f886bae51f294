//! The network that all stand-ins for databases and upstreams send their queries through, one a thread: a query waits
//! until it is let through, and is answered with its own text, so that whoever gets another's answer is seen.

use coalesced::{AnyGroup, Registry};
use std::{
    cell::Cell,
    fmt::{Debug, Display},
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};
use tokio_test::{assert_pending, assert_ready, task};

#[derive(Clone, Copy)]
pub(crate) enum Network {
    Waiting,
    Up,
    Down,
}

thread_local! {
    static NETWORK: Cell<Network> = const { Cell::new(Network::Waiting) };
    static SENT: Cell<usize> = const { Cell::new(0) };
}

/// What a driver makes its own error of.
#[derive(Debug)]
pub(crate) struct TimedOut;

/// Sends a query, to be answered with its text.
pub(crate) async fn send(query: String) -> Result<String, TimedOut> {
    SENT.set(SENT.get() + 1);
    poll_fn(|_| match NETWORK.get() {
        Network::Waiting => Poll::Pending,
        Network::Up => Poll::Ready(Ok(())),
        Network::Down => Poll::Ready(Err(TimedOut)),
    })
    .await?;
    Ok(query)
}

/// A call, as text.
pub(crate) type Call<'c> = Pin<Box<dyn Future<Output = String> + 'c>>;

pub(crate) fn call<'c, T: Debug, E: Display>(
    call: impl Future<Output = Result<T, E>> + 'c,
) -> Call<'c> {
    Box::pin(async move {
        match call.await {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.to_string(),
        }
    })
}

/// Has all callers wait at one time, and then answers, or fails. How many bodies ran, each of which sends one query,
/// and what each caller got.
pub(crate) fn together<const N: usize>(
    network: Network,
    calls: [Call<'_>; N],
) -> (usize, [String; N]) {
    NETWORK.set(Network::Waiting);
    SENT.set(0);
    let mut calls = calls.map(task::spawn);
    for call in &mut calls {
        assert_pending!(call.poll());
    }
    NETWORK.set(network);
    let got = calls.map(|mut call| assert_ready!(call.poll()));
    (SENT.get(), got)
}

/// What each caller gets who shares with nobody.
pub(crate) fn apart<const N: usize>(network: Network, calls: [Call<'_>; N]) -> [String; N] {
    NETWORK.set(network);
    calls.map(|call| assert_ready!(task::spawn(coalesced::alone(call)).poll()))
}

/// How many callers of a function waited for the call of another: what tells where one that is shared calls one that
/// is, too, and the query is one in any case.
pub(crate) fn followed(calls: &Registry, function: &str) -> u64 {
    let groups = calls.groups();
    let of = |group: &&AnyGroup| group.name().rsplit("::").next() == Some(function);
    groups.iter().find(of).map_or(0, |it| it.stats().followed)
}

/// Who shares with whom: for calls that are made at one time, how many bodies run, whether they succeed or fail. Each
/// caller gets what it would have got by itself.
macro_rules! bodies {
    ($($who:literal: [$($call:expr),+ $(,)?] => $bodies:literal),+ $(,)?) => {$(
        for network in [$crate::network::Network::Up, $crate::network::Network::Down] {
            let (bodies, got) = $crate::network::together(network, [$($crate::network::call($call)),+]);
            let apart = $crate::network::apart(network, [$($crate::network::call($call)),+]);
            assert_eq!(got, apart, "{}", $who);
            assert_eq!(bodies, $bodies, "{}", $who);
        }
    )+};
}

pub(crate) use bodies;
