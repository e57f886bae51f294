//! Which requests share, and which are left alone.

use crate::support::origin::{Origin, get, public, request, text};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use http::{HeaderName, Method, Request, header};

/// How many of two equal requests are answered by the origin.
async fn answers(builder: impl Fn() -> Request<Body>) -> usize {
    let mut scene = Origin::new(|_| public("hello")).coalesced();
    scene.ask_together([builder(), builder()]).await.1
}

#[tokio::test]
async fn get_and_head_share_and_other_methods_do_not() {
    for (method, expected) in [
        (Method::GET, 1),
        (Method::HEAD, 1),
        (Method::POST, 2),
        (Method::PUT, 2),
        (Method::PATCH, 2),
        (Method::DELETE, 2),
        (Method::OPTIONS, 2),
        (Method::TRACE, 2),
        (Method::CONNECT, 2),
        (Method::from_bytes(b"PURGE").unwrap(), 2),
        // Methods are case-sensitive.
        (Method::from_bytes(b"get").unwrap(), 2),
    ] {
        let found = answers(|| request(Request::builder().method(method.clone()).uri("/"))).await;
        assert_eq!(found, expected, "{method}");
    }
}

#[tokio::test]
async fn requests_with_these_headers_are_left_alone() {
    for (name, value) in [
        ("authorization", "Basic YTpi"),
        ("proxy-authorization", "Basic YTpi"),
        ("cookie", "session=1"),
        ("range", "bytes=0-1"),
        ("if-range", "\"a\""),
        ("if-match", "\"a\""),
        ("if-none-match", "\"a\""),
        ("if-modified-since", "Sat, 29 Oct 1994 19:43:31 GMT"),
        ("if-unmodified-since", "Sat, 29 Oct 1994 19:43:31 GMT"),
        ("cache-control", "no-cache"),
        ("cache-control", "max-age=0, No-Store"),
        ("cache-control", "ext=\"a, b\", no-store"),
        ("pragma", "no-cache"),
        ("upgrade", "websocket"),
        ("transfer-encoding", "chunked"),
        ("content-length", "1"),
        ("cache-control", "max-age=0, private = x"),
        ("cache-control", "max-age=\"0"),
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("forwarded", "host=evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "81"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-scheme", "http"),
        ("x-original-url", "/admin"),
        ("x-original-host", "evil.example"),
        ("x-rewrite-url", "/admin"),
        ("x-host", "evil.example"),
    ] {
        let found = answers(|| request(get().header(name, value))).await;
        assert_eq!(found, 2, "{name}: {value}");
    }
    let unreadable = || request(get().header("cache-control", &b"no-\xffcache"[..]));
    assert_eq!(answers(unreadable).await, 2);
    let second_line = || {
        let builder = get().header("cache-control", "max-age=0");
        request(builder.header("cache-control", "no-cache"))
    };
    assert_eq!(answers(second_line).await, 2);
}

#[tokio::test]
async fn requests_with_other_headers_share() {
    for (name, value) in [
        ("accept", "*/*"),
        ("user-agent", "curl"),
        ("cache-control", "max-age=60"),
        ("cache-control", "ext=\"no-store\""),
        ("content-length", "0"),
        ("connection", "close"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-real-ip", "192.0.2.1"),
    ] {
        let found = answers(|| request(get().header(name, value))).await;
        assert_eq!(found, 1, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_body_on_get_is_left_alone() {
    let found = answers(|| get().body(Body::from("query")).unwrap()).await;
    assert_eq!(found, 2);
    // It may come to be empty, but that is not known yet.
    let stream = || Body::from_stream(futures::stream::empty::<Result<String, std::io::Error>>());
    let found = answers(|| get().body(stream()).unwrap()).await;
    assert_eq!(found, 2);
}

#[tokio::test]
async fn requests_are_told_apart_by_method_uri_and_host() {
    let answer = |request: &Request<Body>| {
        let host = request.headers().get("host").map(|it| it.to_str().unwrap());
        public(format!("{} {} {host:?}", request.method(), request.uri()))
    };
    let mut scene = Origin::new(answer).coalesced();
    let different = || {
        vec![
            get(),
            Request::head("/"),
            Request::get("/a"),
            Request::get("/a?b"),
            Request::get("/a?c"),
            Request::get("http://one.example/a"),
            Request::get("https://one.example/a"),
            Request::get("http://two.example/a"),
            get().header("host", "one.example"),
            get().header("host", "two.example"),
            get()
                .header("host", "one.example")
                .header("host", "two.example"),
        ]
    };
    let twice = different().into_iter().chain(different());
    let (responses, answers) = scene.ask_together(twice.map(request)).await;
    assert_eq!(answers, different().len());
    let texts: Vec<_> = responses.into_iter().map(text).collect();
    let (first, second) = texts.split_at(different().len());
    assert_eq!(first, second);
    for (text, other) in first.iter().zip(&first[1..]) {
        assert_ne!(text, other);
    }
}

#[tokio::test]
async fn headers_that_are_taken_into_the_key_tell_requests_apart_instead() {
    let names = [
        header::AUTHORIZATION,
        header::COOKIE,
        header::RANGE,
        header::IF_NONE_MATCH,
        header::CACHE_CONTROL,
        HeaderName::from_static("x-forwarded-host"),
        HeaderName::from_static("x-http-method-override"),
        HeaderName::from_static("x-api-key"),
    ];
    for name in names {
        let answer = {
            let name = name.clone();
            move |request: &Request<Body>| {
                let values = request.headers().get_all(&name).iter();
                public(
                    values
                        .map(|it| it.to_str().unwrap())
                        .collect::<Vec<_>>()
                        .join(" + "),
                )
            }
        };
        let layer = HttpCoalesceLayer::new().key_header(name.clone());
        let mut scene = Origin::new(answer).below(layer);
        let with = |values: &[&str]| {
            let add = |builder: http::request::Builder, value: &&str| builder.header(&name, *value);
            request(values.iter().fold(get(), add))
        };
        let requests = [
            with(&["no-store, a"]),
            with(&["no-store, b"]),
            with(&["no-store, a"]),
            with(&[]),
            with(&[]),
            with(&["no-store", "a"]),
            with(&["a", "no-store"]),
        ];
        let (responses, answers) = scene.ask_together(requests).await;
        let texts: Vec<_> = responses.into_iter().map(text).collect();
        assert_eq!(
            texts,
            [
                "no-store, a",
                "no-store, b",
                "no-store, a",
                "",
                "",
                "no-store + a",
                "a + no-store"
            ],
            "{name}"
        );
        assert_eq!(answers, 5, "{name}");
    }
}

#[tokio::test]
async fn two_headers_of_the_key_are_not_mistaken_for_each_other() {
    let layer = HttpCoalesceLayer::new()
        .key_header(HeaderName::from_static("x-one"))
        .key_header(HeaderName::from_static("x-two"));
    let mut scene = Origin::new(|_| public("hello")).below(layer);
    let requests = ["x-one", "x-two"].map(|name| request(get().header(name, "a")));
    let (_, answers) = scene.ask_together(requests).await;
    assert_eq!(answers, 2);
}

#[tokio::test]
async fn the_case_of_a_host_makes_no_difference_and_that_of_a_path_does() {
    let long = format!("{}.example", "host".repeat(30));
    for host in ["one.example", &long] {
        let mut scene = Origin::new(|_| public("hello")).coalesced();
        let uris = [
            format!("http://{host}/a"),
            format!("http://{}/a", host.to_uppercase()),
            format!("http://{host}/A"),
            format!("http://{host}x/a"),
        ];
        let requests = uris.map(|uri| request(Request::get(uri)));
        assert_eq!(scene.ask_together(requests).await.1, 3);
    }
}
