//! Which responses are given to others, and what becomes of those who waited for one that is not.

use crate::support::origin::{Origin, get, gets, public, request};
use axum::body::Body;
use coalesced::tower::HttpCoalesceLayer;
use http::{Request, Response, StatusCode, header};

fn with(headers: &[(&str, &[u8])]) -> Response<Body> {
    let mut builder = Response::builder();
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from("hello")).unwrap()
}

/// Whether such a response is shared, by default and where unmarked ones are.
async fn shared(
    answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
) -> (bool, bool) {
    let by = |layer: HttpCoalesceLayer<Body>| {
        let answer = answer.clone();
        let mut scene = Origin::new(move |_| answer()).below(layer);
        async move {
            let (_, answers) = scene.ask_together(gets::<3>()).await;
            assert!(answers == 1 || answers == 3);
            answers == 1
        }
    };
    let unmarked = HttpCoalesceLayer::new().share_unmarked();
    (by(HttpCoalesceLayer::new()).await, by(unmarked).await)
}

#[tokio::test]
async fn as_cache_control_says() {
    let always = (true, true);
    let if_told = (false, true);
    let never = (false, false);
    for (value, expected) in [
        ("public", always),
        ("Public", always),
        ("s-maxage=60", always),
        ("S-MaxAge=60", always),
        ("s-maxage=\"60\"", always),
        ("max-age=0, public", never),
        ("max-age=0, s-maxage=60", always),
        ("s-maxage=0, max-age=60, public", never),
        ("max-age=60, max-age=0, public", never),
        ("public=yes", if_told),
        ("private = x, public", never),
        ("public, max-age = 60", never),
        ("public; max-age=60", never),
        ("public, ext=\"a", never),
        ("public, ext=\"a\\\", no-store\"", always),
        ("public, max-age=", never),
        ("public, max-age=60, must-revalidate", always),
        ("no-transform , public", always),
        ("ext=\"private, no-store\", public", always),
        ("", if_told),
        ("max-age=60", if_told),
        ("must-revalidate", if_told),
        ("publicity", if_told),
        ("ext=\"public\"", if_told),
        ("x-public=public", if_told),
        ("private", never),
        ("PRIVATE", never),
        ("public, private", never),
        ("private, public", never),
        ("private=\"x-user\", public", never),
        ("private=x, public", never),
        ("public,private", never),
        ("public\t, private", never),
        ("no-store, s-maxage=60", never),
        ("public, no-cache", never),
        ("public, no-cache=\"set-cookie\"", never),
        ("s-maxage=0", never),
        ("s-maxage=0, public", never),
        ("s-maxage=60, s-maxage=0", never),
        ("s-maxage=soon, public", never),
        ("s-maxage", never),
        ("s-maxage=-1", never),
        ("public, max-age=0, must-revalidate", never),
        ("public, proxy-revalidate, max-age=0", never),
    ] {
        let found = shared(move || with(&[("cache-control", value.as_bytes())])).await;
        assert_eq!(found, expected, "{value}");
    }
    // On several lines, and unreadable.
    for lines in [[&b"public"[..], b"private"], [b"private", b"public"]] {
        let found = shared(move || with(&lines.map(|line| ("cache-control", line)))).await;
        assert_eq!(found, never);
    }
    let found = shared(|| with(&[("cache-control", b"public"), ("cache-control", b"\xff")])).await;
    assert_eq!(found, never);
}

#[tokio::test]
async fn what_is_out_of_date_at_once_is_not_given_on() {
    const PAST: &str = "Sat, 29 Oct 1994 19:43:31 GMT";
    const LATER: &str = "Sat, 29 Oct 1994 19:44:31 GMT";
    const FUTURE: &str = "Fri, 29 Oct 2100 19:43:31 GMT";
    let always = (true, true);
    let never = (false, false);
    for (cache_control, others, expected) in [
        ("public", &[("expires", PAST)][..], never),
        ("public", &[("expires", "0")], never),
        ("public", &[("expires", FUTURE)], always),
        ("public", &[("expires", LATER), ("date", PAST)], always),
        ("public", &[("expires", PAST), ("date", PAST)], never),
        ("public, max-age=60", &[("expires", PAST)], always),
        ("public, max-age=60", &[("age", "59")], always),
        ("public, max-age=60", &[("age", "60")], never),
        ("public, max-age=60", &[("age", "soon")], never),
        ("s-maxage=60, max-age=600", &[("age", "61")], never),
        (
            "public",
            &[("expires", LATER), ("date", PAST), ("age", "60")],
            never,
        ),
        ("public", &[("age", "60")], always),
    ] {
        let found = shared(move || {
            let mut response = with(&[("cache-control", cache_control.as_bytes())]);
            for (name, value) in others {
                let headers = response.headers_mut();
                headers.append(*name, value.parse().unwrap());
            }
            response
        });
        assert_eq!(found.await, expected, "{cache_control}, {others:?}");
    }
}

#[tokio::test]
async fn as_other_headers_say() {
    let always = (true, true);
    let never = (false, false);
    let public = ("cache-control", &b"public"[..]);
    for (name, value, expected) in [
        ("set-cookie", "session=1", never),
        ("vary", "accept-encoding", never),
        ("vary", "Host, Accept-Language", never),
        ("vary", "*", never),
        ("vary", "not a name", never),
        ("vary", "host", always),
        ("vary", "", always),
        ("content-encoding", "gzip", never),
        ("content-encoding", "identity", always),
        ("access-control-allow-origin", "https://one.example", never),
        ("access-control-allow-origin", "null", never),
        ("access-control-allow-origin", "*", always),
        ("cdn-cache-control", "no-store", never),
        ("cdn-cache-control", "max-age=0", never),
        ("cdn-cache-control", "max-age=", never),
        ("cdn-cache-control", "max-age=60", always),
        ("surrogate-control", "no-store", never),
        ("surrogate-control", "content=\"ESI/1.0\"", always),
        ("content-type", "text/event-stream; charset=utf-8", never),
        ("content-type", "Text/Event-Stream", never),
        (
            "content-type",
            "multipart/x-mixed-replace;boundary=a",
            never,
        ),
        ("content-type", "text/html", always),
        ("x-accel-buffering", "no", never),
        ("x-accel-buffering", "yes", always),
        ("etag", "\"a\"", always),
        ("connection", "close", always),
    ] {
        let found = shared(move || with(&[public, (name, value.as_bytes())])).await;
        assert_eq!(found, expected, "{name}: {value}");
    }
    let found = shared(|| with(&[("cache-control", b"public"), ("vary", b"\xff")])).await;
    assert_eq!(found, never);
    // What is for caches nearer to the origin permits nothing.
    let found = shared(|| with(&[("cdn-cache-control", b"public, s-maxage=60")])).await;
    assert_eq!(found, (false, true));
}

#[tokio::test]
async fn as_the_status_says() {
    for status in (200..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
        let heuristic = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];
        let is_shared = heuristic.contains(&status.as_u16());
        let found = shared(move || {
            let mut response = public("hello");
            *response.status_mut() = status;
            response
        });
        assert_eq!(found.await, (is_shared, is_shared), "{status}");
    }
}

#[tokio::test]
async fn what_a_response_varies_by_may_be_in_the_key() {
    let layer = HttpCoalesceLayer::new().key_header(header::ACCEPT_LANGUAGE);
    let answer = |request: &Request<Body>| {
        let mut response = public(
            request.headers()["accept-language"]
                .to_str()
                .unwrap()
                .to_owned(),
        );
        response
            .headers_mut()
            .insert("vary", "Accept-Language".parse().unwrap());
        response
    };
    let mut scene = Origin::new(answer).below(layer);
    let languages = ["en", "de", "en", "de"];
    let requests = languages.map(|it| request(get().header("accept-language", it)));
    let (responses, answers) = scene.ask_together(requests).await;
    assert_eq!(answers, 2);
    let texts: Vec<_> = responses
        .into_iter()
        .map(crate::support::origin::text)
        .collect();
    assert_eq!(texts, languages);
}
