//! Clients that are after what is not theirs. The origin answers each with a secret of its own, and the layer is
//! used in the most careless way: no key but method and URI.

use crate::support::origin::{Origin, get, request, text};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use http::{Method, Request, Response, StatusCode};
use std::time::Duration;

#[derive(Clone)]
struct User(&'static str);

/// What a request is answered by, in every way in which a service could find it out.
fn secret(request: &Request<Body>) -> String {
    let header = |name: &str| {
        let values = request.headers().get_all(name).iter();
        values
            .map(|it| String::from_utf8_lossy(it.as_bytes()))
            .collect::<Vec<_>>()
            .join("+")
    };
    let user = request.extensions().get::<User>().map_or("", |user| user.0);
    format!(
        "{} {} auth={} cookie={} key={} user={user} lang={} range={} etag={} body={}",
        request.method(),
        request.uri(),
        header("authorization"),
        header("cookie"),
        header("x-api-key"),
        header("accept-language"),
        header("range"),
        header("if-none-match"),
        !http_body::Body::is_end_stream(request.body()),
    )
}

/// The victim, and what the attacker may send to get at its response.
fn requests() -> Vec<Request<Body>> {
    let mut user = request(get());
    user.extensions_mut().insert(User("alice"));
    let mut other = request(get());
    other.extensions_mut().insert(User("mallory"));
    vec![
        request(get()),
        request(get().header("authorization", "Bearer alice")),
        request(get().header("authorization", "Bearer mallory")),
        request(get().header("proxy-authorization", "Bearer alice")),
        request(get().header("cookie", "session=alice")),
        request(get().header("cookie", "session=mallory")),
        request(get().header("x-api-key", "alice")),
        request(get().header("x-api-key", "mallory")),
        user,
        other,
        request(get().header("accept-language", "en")),
        request(get().header("accept-language", "de")),
        request(get().header("range", "bytes=0-1")),
        request(get().header("if-none-match", "\"a\"")),
        request(get().method(Method::HEAD)),
        get().body(Body::from("a body")).unwrap(),
        request(get().header("cache-control", "no-store")),
    ]
}

fn clone(original: &Request<Body>) -> Request<Body> {
    let has_body = !http_body::Body::is_end_stream(original.body());
    let body = if has_body {
        Body::from("a body")
    } else {
        Body::empty()
    };
    let mut clone = Request::new(body);
    *clone.method_mut() = original.method().clone();
    *clone.uri_mut() = original.uri().clone();
    *clone.headers_mut() = original.headers().clone();
    *clone.extensions_mut() = original.extensions().clone();
    clone
}

/// Every pair of requests, in both orders, among others; whoever leads, each gets its own.
async fn nobody_gets_anothers(
    all: &[Request<Body>],
    layer: impl Fn() -> HttpCoalesceLayer<Body>,
    mark: impl Fn(&mut Response<Body>) + Clone + Send + Sync + 'static,
) {
    for first in all {
        for second in all {
            let mark = mark.clone();
            // What one pair taught the layer must not spare the next one, nor the second herd.
            let layer = layer().remember_for(Duration::ZERO);
            let origin = Origin::new(move |request: &Request<Body>| {
                let mut response = Response::new(Body::from(secret(request)));
                mark(&mut response);
                response
            });
            let mut scene = origin.below(layer);
            let order = [first, second, second, first, second];
            for _ in 0..2 {
                let (responses, _) = scene.ask_together(order.map(clone)).await;
                for (request, response) in order.iter().zip(responses) {
                    assert_eq!(text(response), secret(request));
                }
            }
        }
    }
}

#[tokio::test]
async fn an_unmarked_response_is_its_own_clients() {
    // Whatever decided it: a header that the layer knows, one that it does not, an extension.
    nobody_gets_anothers(&requests(), HttpCoalesceLayer::new, |_| {}).await;
}

#[tokio::test]
async fn what_the_layer_sees_is_kept_apart_even_if_all_is_called_public() {
    // By a careless origin; or because unmarked responses are shared.
    let seen: Vec<_> = requests()
        .into_iter()
        .filter(|request| {
            let unseen = ["x-api-key", "accept-language"];
            request.extensions().is_empty()
                && !unseen
                    .iter()
                    .any(|name| request.headers().contains_key(*name))
        })
        .collect();
    assert!(seen.len() > 9);
    nobody_gets_anothers(&seen, HttpCoalesceLayer::new, |response| {
        let headers = response.headers_mut();
        headers.insert("cache-control", "public, s-maxage=60".parse().unwrap());
    })
    .await;
    nobody_gets_anothers(&seen, || HttpCoalesceLayer::new().share_unmarked(), |_| {}).await;
}

#[tokio::test]
async fn a_response_that_is_marked_private_is_its_own_clients_whatever_the_layer_was_told() {
    let layer = || HttpCoalesceLayer::new().share_unmarked();
    for (name, value) in [
        ("cache-control", "private"),
        ("cache-control", "no-store"),
        ("cache-control", "public, Private"),
        ("set-cookie", "session=new"),
        ("vary", "*"),
        (
            "vary",
            "cookie, authorization, x-api-key, accept-language, range",
        ),
    ] {
        nobody_gets_anothers(&requests(), layer, move |response| {
            response.headers_mut().insert(name, value.parse().unwrap());
        })
        .await;
        nobody_gets_anothers(&requests(), layer, move |response| {
            let headers = response.headers_mut();
            headers.append("cache-control", "public, s-maxage=60".parse().unwrap());
            headers.append(name, value.parse().unwrap());
        })
        .await;
    }
}

#[tokio::test]
async fn a_denial_is_its_own_clients() {
    // An attacker without a key leads on purpose, to have the others denied.
    let layer = HttpCoalesceLayer::new().share_unmarked();
    let answer = |request: &Request<Body>| {
        let mut response = Response::new(Body::empty());
        if !request.headers().contains_key("x-api-key") {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
        }
        response
    };
    let mut scene = Origin::new(answer).below(layer);
    let order = [get(), get().header("x-api-key", "alice"), get()].map(request);
    let (responses, _) = scene.ask_together(order).await;
    let statuses: Vec<_> = responses.iter().map(|it| it.status().as_u16()).collect();
    assert_eq!(statuses, [401, 200, 401]);
}

#[tokio::test]
async fn with_credentials_in_the_key_each_user_shares_with_itself_alone() {
    let layer = || {
        let layer = HttpCoalesceLayer::<Body>::new();
        let layer = layer.key(|request| request.extensions().get::<User>().map(|user| user.0));
        ["authorization", "cookie", "x-api-key", "accept-language"]
            .into_iter()
            .fold(layer, HttpCoalesceLayer::key_header)
            .share_unmarked()
    };
    let all = requests();
    for first in &all {
        for second in &all {
            let origin = Origin::new(|request| Response::new(Body::from(secret(request))));
            let mut scene = origin.below(layer());
            let order = [first, second, second, first, second];
            let (responses, _) = scene.ask_together(order.map(clone)).await;
            for (request, response) in order.iter().zip(responses) {
                assert_eq!(text(response), secret(request));
            }
        }
    }
}

#[tokio::test]
async fn a_client_can_not_have_others_served_what_it_asked_for() {
    // A leader that sends what nobody else does (a poisoned host, another path) is not followed.
    let answer = |request: &Request<Body>| {
        let host = request.headers().get("host").map(|it| it.to_str().unwrap());
        let host = host.or(request.uri().host()).unwrap_or("none").to_owned();
        Response::builder()
            .header("cache-control", "public")
            .body(Body::from(format!("see https://{host}/next")))
            .unwrap()
    };
    let mut scene = Origin::new(answer).coalesced();
    let order = ["evil.example", "good.example", "good.example"];
    let requests = order.map(|host| request(get().header("host", host)));
    let (responses, answers) = scene.ask_together(requests).await;
    assert_eq!(answers, 2);
    for (host, response) in order.iter().zip(responses) {
        assert_eq!(text(response), format!("see https://{host}/next"));
    }
}
