//! Requests of HTTP to a [handler](crate::handler), below the layer, or without it. They are made before anything is
//! counted.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    task::Poll,
};

use bytes::Bytes;
use coalesced::tower::{HttpCoalesceLayer, HttpCoalesceService};
use http::{Method, Response, header::HOST};
use http_body_util::{BodyExt, Empty};
use tower::{Layer, Service};

use crate::{
    callers::{FOLLOWERS, KEYS, poll, runtime},
    count::{Count, counted},
    handler::{Asked, Handler, PRIVATE, request},
};

pub(crate) fn service() -> Handler {
    Handler
}

pub(crate) fn coalesced() -> HttpCoalesceService<Handler, Empty<Bytes>> {
    HttpCoalesceLayer::new().layer(Handler)
}

/// Requests one after the other, each for another URI.
pub(crate) fn each<S, D>(service: S) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    one_by_one(service, |id| {
        request(Method::GET, &format!("/articles/{id:05}"))
    })
}

/// The same, as HTTP/2 has it: with the authority in the URI.
pub(crate) fn each_of_http_2<S, D>(service: S) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    one_by_one(service, |id| {
        let uri = format!("https://www.example.org/articles/{id:05}");
        let mut request = request(Method::GET, &uri);
        request.headers_mut().remove(HOST);
        request
    })
}

/// Requests for what is known to be their clients' own.
pub(crate) fn each_private<S, D>(service: S) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    one_by_one(service, |_| request(Method::GET, PRIVATE))
}

/// Requests that are left alone by their method.
pub(crate) fn each_post<S, D>(service: S) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    one_by_one(service, |id| {
        request(Method::POST, &format!("/articles/{id:05}"))
    })
}

fn one_by_one<S, D>(mut service: S, request: impl Fn(u64) -> Asked) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    let runtime = runtime();
    let mut run = |requests: Vec<Asked>| {
        runtime.block_on(async {
            for request in requests {
                let Ok(response) = service.call(request).await;
                let mut body = pin!(response.into_body());
                while let Some(Ok(_)) = body.frame().await {}
            }
        });
    };
    run((0..KEYS / 10).map(&request).collect());
    let requests = (0..KEYS).map(&request).collect();
    counted(KEYS as usize, || run(requests))
}

/// Requests that are dropped before their fetch has begun, each for another URI.
pub(crate) fn reset<S: Service<Asked>>(mut service: S) -> Count {
    let runtime = runtime();
    let mut run = |requests: Vec<Asked>| {
        runtime.block_on(async {
            for request in requests {
                let called = poll(pin!(service.call(request)));
                assert!(called.is_pending());
                tokio::task::yield_now().await;
            }
        });
    };
    let request = |id| request(Method::GET, &format!("/articles/{id:05}"));
    run((0..KEYS / 10).map(request).collect());
    let requests = (0..KEYS).map(request).collect();
    counted(KEYS as usize, || run(requests))
}

/// A fetch that one follower has joined, and others who have not yet come; what is done `with` them is counted, for each
/// of them.
fn herd_with<S: Service<Asked>>(
    mut service: S,
    with: impl FnOnce(&tokio::runtime::Runtime, &mut Vec<Pin<Box<S::Future>>>),
) -> Count {
    let runtime = runtime();
    let mut call = || Box::pin(service.call(request(Method::GET, "/")));
    let mut before = [call(), call()];
    let mut followers: Vec<_> = (0..FOLLOWERS).map(|_| call()).collect();
    let _in_it = runtime.enter();
    for client in &mut before {
        assert!(poll(client.as_mut()).is_pending());
    }
    counted(FOLLOWERS, || with(&runtime, &mut followers))
}

/// Followers join, wait, and have copies of the head, and the body.
pub(crate) fn herd<S, D>(service: S) -> Count
where
    S: Service<Asked, Response = Response<D>, Error = Infallible>,
    D: BodyExt,
{
    herd_with(service, |runtime, followers| {
        for follower in &mut *followers {
            assert!(poll(follower.as_mut()).is_pending());
        }
        runtime.block_on(tokio::task::yield_now());
        for follower in followers {
            let Poll::Ready(Ok(response)) = poll(follower.as_mut()) else {
                panic!("the fetch is over")
            };
            let mut body = pin!(response.into_body());
            while let Poll::Ready(Some(Ok(_))) = poll(pin!(body.frame())) {}
        }
    })
}

/// Followers join, and are dropped.
pub(crate) fn leaving<S: Service<Asked>>(service: S) -> Count {
    herd_with(service, |_, followers| {
        for follower in &mut *followers {
            assert!(poll(follower.as_mut()).is_pending());
        }
        followers.clear();
    })
}
