//! Requests that race, on two threads, with responses that may and may not be shared by turns.

use axum::body::Body;
use coalesced::{Stats, tower::HttpCoalesceLayer};
use futures::stream;
use http::{Request, Response};
use http_body_util::BodyExt;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Barrier, task::yield_now};
use tower::{Layer, ServiceExt, service_fn};

/// SplitMix64.
fn dice(state: &AtomicU64) -> u64 {
    let mut x = state.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// One of many answers: what is for everybody says so, and all else names its user.
async fn answer(request: Request<Body>, dice_state: Arc<AtomicU64>) -> Response<Body> {
    let user = request.headers()["x-api-key"].to_str().unwrap().to_owned();
    let roll = dice(&dice_state);
    for _ in 0..roll % 8 {
        yield_now().await;
    }
    let builder = Response::builder();
    let pieces = |text: String| {
        let pieces: Vec<_> = text
            .bytes()
            .map(|it| Ok::<_, Infallible>(vec![it]))
            .collect();
        Body::from_stream(stream::iter(pieces))
    };
    match roll >> 8 & 7 {
        0 => builder.body(Body::from(user)),
        1 => builder
            .header("cache-control", "private, s-maxage=60")
            .body(pieces(user)),
        2 => builder
            .header("cache-control", "public")
            .header("set-cookie", &user)
            .body(user.into()),
        3 => builder
            .header("cache-control", "public")
            .header("vary", "X-Api-Key")
            .body(user.into()),
        4 => builder
            .header("cache-control", "public, no-store")
            .body(pieces(user)),
        5 => builder
            .header("cache-control", "public")
            .body(pieces("for all".repeat(20))),
        _ => builder
            .header("cache-control", "public")
            .body("for all".into()),
    }
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_user_gets_anothers() {
    // Remembered for no time: all share whatever they can. For a short time: keys are tried again and
    // again.
    let (for_all, stats) = race(Duration::ZERO).await;
    assert!(for_all > 1_000, "{for_all}");
    assert!(stats.followed > 1_000, "{stats}");
    assert!(stats.abandoned > 0, "{stats}");
    let (_, stats) = race(Duration::from_millis(1)).await;
    assert!(stats.alone > 0 && stats.followed > 0, "{stats}");
}

async fn race(remember_for: Duration) -> (usize, Stats) {
    let state = Arc::new(AtomicU64::new(7));
    let inner = service_fn({
        let state = Arc::clone(&state);
        move |request| {
            let answered = answer(request, Arc::clone(&state));
            async move { Ok::<_, Infallible>(answered.await) }
        }
    });
    let layer = HttpCoalesceLayer::new()
        .max_body(100)
        .remember_for(remember_for);
    let service = layer.layer(inner);
    let start = Arc::new(Barrier::new(16));
    let users: Vec<_> = (0..16)
        .map(|user| {
            let (service, state) = (service.clone(), Arc::clone(&state));
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                let user = format!("user {user}");
                let mut for_all = 0;
                for _ in 0..3_000 {
                    let request = Request::get("/")
                        .header("x-api-key", &user)
                        .body(Body::empty())
                        .unwrap();
                    let response = service.clone().oneshot(request);
                    let response = if dice(&state) % 5 == 0 {
                        // Some are given up.
                        let given_up = async {
                            for _ in 0..dice(&state) % 4 {
                                yield_now().await;
                            }
                        };
                        tokio::select! {
                            biased;
                            response = response => response,
                            () = given_up => {
                                // Else this one leads again, before those who wait.
                                yield_now().await;
                                continue;
                            }
                        }
                    } else {
                        response.await
                    };
                    let response = response.unwrap();
                    let cookie = response.headers().get("set-cookie").cloned();
                    assert!(cookie.is_none_or(|cookie| cookie == user.as_str()));
                    let bytes = response.into_body().collect().await.unwrap().to_bytes();
                    if bytes.starts_with(b"for all") {
                        for_all += 1;
                    } else {
                        assert_eq!(bytes, user);
                    }
                }
                for_all
            })
        })
        .collect();
    let mut for_all = 0;
    for user in users {
        for_all += user.await.unwrap();
    }
    service.group().idle().await;
    let stats = service.group().stats();
    assert_eq!(service.memory(), 0);
    assert_eq!((stats.in_flight, stats.waiting), (0, 0));
    (for_all, stats)
}
