//! A request of HTTP that nobody joins: what it pays for the layer, where it could be shared, and where it is left alone.

use std::{
    convert::Infallible,
    hint::black_box,
    pin::pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use coalesced::tower::HttpCoalesceLayer;
use cpu_time::ThreadTime;
use futures_util::{FutureExt, future::Map};
use http::{HeaderValue, Method, Response, header::COOKIE};
use http_body_util::{BodyExt, Full};
use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinError, JoinHandle},
};
use tower::{Layer, Service};

use crate::{
    allocator::Allocated,
    contender::{Card, Side},
    handler::{Asked, Handler, PRIVATE, request},
    reading::{Faults, Reading},
    report::{Bound, Budget, Column, Sheet, Show},
    rounds::{Lane, Outcome},
};

/// In a round: so few that they are in a cache.
const REQUESTS: u64 = 200;

const NO_LAYER: &str = "limit: no layer";

static WITHOUT: Card = card(NO_LAYER, Side::Limit);
static ON_A_TASK: Card = card("limit: no layer, on a task of Tokio's", Side::Limit);
static LAYER: Card = card("HttpCoalesceLayer", Side::Ours);

const fn card(name: &'static str, side: Side) -> Card {
    Card {
        name,
        package: None,
        side,
        cannot: &[],
    }
}

type Kind = (&'static str, fn(u64) -> Asked);

/// What is asked for.
const KINDS: [Kind; 4] = [
    ("GET", |id| {
        request(Method::GET, &format!("/articles/{id:05}"))
    }),
    ("private", |_| request(Method::GET, PRIVATE)),
    ("cookie", |id| {
        let mut request = request(Method::GET, &format!("/articles/{id:05}"));
        let cookie = HeaderValue::from_static("session=31d4d96e407aad42");
        request.headers_mut().insert(COOKIE, cookie);
        request
    }),
    ("POST", |id| {
        request(Method::POST, &format!("/articles/{id:05}"))
    }),
];

const fn time(kind: usize) -> usize {
    2 * kind
}

const fn allocations(kind: usize) -> usize {
    time(kind) + 1
}

pub(crate) fn sheet() -> Sheet {
    let each = |unit: &'static str, at: fn(usize) -> usize, show, says: &'static str| {
        let names = KINDS.iter().map(|(name, _)| name).enumerate();
        names.map(move |(kind, name)| Column::new(format!("{name}{unit}"), at(kind), show, says))
    };
    let more = |unit, at, says| each(unit, at, Show::More(NO_LAYER), says);
    let columns = each(", ns", time, Show::Spread, "nanoseconds of a request")
        .chain(more(", + ns", time, "how many more than without a layer"))
        .chain(more(
            ", + allocations",
            allocations,
            "the same of allocations",
        ))
        .collect();
    Sheet {
        title: "A request of HTTP that nobody joins".into(),
        about: "A request on one thread, from the call of its service to the end of its response's body. The handler \
                answers at once: to a `GET` that all may have the response, so it is fetched on a task of Tokio's; to \
                one, which is asked for again and again, that it is *private*, so it is known to be left alone. \
                Requests with a *cookie*, and `POST`s, say so themselves."
            .into(),
        columns,
        budgets: vec![
            at_most("Nanoseconds that a `GET` takes more", 300, over::<{ time(0) }>),
            at_most("Allocations that it makes more", 3, over::<{ allocations(0) }>),
            at_most("Nanoseconds that a private one takes more", 50, over::<{ time(1) }>),
            at_most("Nanoseconds that one with a cookie takes more", 50, over::<{ time(2) }>),
            at_most("Nanoseconds that a `POST` takes more", 50, over::<{ time(3) }>),
            at_most("Allocations that it makes more", 0, over::<{ allocations(3) }>),
        ],
        charts: vec![],
    }
}

type Figure = fn(&Outcome, &[Outcome]) -> Option<f64>;

fn at_most(what: &str, most: u32, figure: Figure) -> Budget {
    Budget {
        what: what.into(),
        bound: Bound::AtMost(most.into()),
        figure,
    }
}

fn over<const AT: usize>(ours: &Outcome, all: &[Outcome]) -> Option<f64> {
    ours.more(AT, NO_LAYER, all)
}

pub(crate) fn enter_all(lanes: &mut Vec<Lane>) {
    lanes.push(lane(&WITHOUT, Handler));
    lanes.push(lane(&ON_A_TASK, OnATask));
    lanes.push(lane(&LAYER, HttpCoalesceLayer::new().layer(Handler)));
}

/// The handler, each of whose responses is made on a task.
struct OnATask;

type Answer = Result<Response<Full<Bytes>>, Infallible>;

impl Service<Asked> for OnATask {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Map<JoinHandle<Answer>, fn(Result<Answer, JoinError>) -> Answer>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Handler.poll_ready(cx)
    }

    fn call(&mut self, request: Asked) -> Self::Future {
        let task = tokio::spawn(async { Handler.call(request).await });
        task.map(|joined| joined.expect("the handler does not panic"))
    }
}

fn lane<S, D>(card: &'static Card, mut service: S) -> Lane
where
    S: Service<Asked, Response = Response<D>, Error = Infallible> + 'static,
    D: BodyExt<Data = Bytes>,
{
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime without I/O asks the system for nothing");
    Lane::new(card, move || round(&mut service, &runtime))
}

/// Nanoseconds and allocations, of each kind.
fn round<S, D>(service: &mut S, runtime: &Runtime) -> Reading
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt<Data = Bytes>,
{
    let mut reading = Reading::default();
    let faults = &mut reading.faults;
    for (_, new) in KINDS {
        let requests: Vec<_> = (0..REQUESTS).map(new).collect();
        let (time, all) = runtime.block_on(async {
            let (start, before) = (ThreadTime::now(), Allocated::so_far());
            for request in black_box(requests) {
                ask(service, request, faults).await;
            }
            (start.elapsed(), Allocated::so_far() - before)
        });
        let per_request = |total: f64| total / REQUESTS as f64;
        reading.values.extend([
            per_request(time.as_nanos() as f64),
            per_request(all.times as f64),
        ]);
    }
    reading
}

/// Asks, and reads what is answered.
async fn ask<S, D>(service: &mut S, request: Asked, faults: &mut Faults)
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt<Data = Bytes>,
{
    let Ok(response) = service.call(request).await;
    let mut body = pin!(response.into_body());
    let mut length = 0;
    while let Some(Ok(frame)) = body.frame().await {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
    faults.wrong += u64::from(length != "hello".len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_answers() {
        let mut lanes = Vec::new();
        enter_all(&mut lanes);
        for outcome in crate::rounds::interleaved(lanes, 1, std::time::Duration::MAX) {
            assert_eq!(outcome.faults, Faults::default(), "{}", outcome.card);
        }
    }
}
