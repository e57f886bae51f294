//! What the service promises to those who ask it, and to whoever runs it.

mod support;

use std::{fs, net::SocketAddr, process::Stdio};

use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};
use support::{Service, command, command_on, file};
use tokio::task::{JoinSet, yield_now};

const FUNCTIONS: [&str; 3] = ["product", "search", "month"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

/// How often the products with these ids were sold, found without the database.
fn sold(is_it: impl Fn(u64) -> bool) -> usize {
    (1..=300_000_u64)
        .map(|id| 1 + (id * 7919 % 2000) * (id * 104_729 % 1999) / 1999)
        .filter(|&product| is_it(product))
        .count()
}

#[tokio::test]
async fn answers_are_right() {
    let service = Service::start();
    let (status, product) = service.get("/products/43").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        json(&product),
        json!({"id": 43, "name": "plain jug", "cents": 2091, "sold": sold(|id| id == 43)})
    );

    // Every fiftieth thing is a lamp; the ten that sell best are told, best first.
    let (_, lamps) = service.get("/search?text=brass%20lamp").await;
    let lamps = json(&lamps);
    assert_eq!(lamps.as_array().unwrap().len(), 1);
    assert_eq!(lamps[0]["sold"], sold(|id| id == 51));

    let (_, month) = service.get("/months/12").await;
    let best: Vec<_> = json(&month).as_array().unwrap().clone();
    assert_eq!(best.len(), 10);
    assert!(best.is_sorted_by_key(|product| -product["sold"].as_i64().unwrap()));
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_is_counted() {
    let service = Service::start();
    for path in [
        "/products/0",
        "/products/18446744073709551615",
        "/months/13",
    ] {
        let (status, told) = service.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json(&told), json!({"error": "there is no such thing"}));
    }
    let live = service.live().await;
    let errors: Vec<_> = (0..3)
        .map(|place| &live["functions"][place]["errors"])
        .collect();
    assert_eq!(errors, [2, 0, 1], "{live}");
}

#[tokio::test]
async fn a_new_price_is_seen_by_whoever_asks_after_it() {
    let service = Service::start();
    // So that there is always a query on its way that read the old price.
    service
        .post("/controls/load", r#"{"connections":64}"#)
        .await;
    for cents in (1_000..1_020).chain([759]) {
        while service.live().await["functions"][0]["waiting"] == 0 {
            yield_now().await;
        }
        let price = json!({ "cents": cents }).to_string();
        let status = service.post("/products/7/price", &price).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, product) = service.get("/products/7").await;
        assert_eq!(json(&product)["cents"], cents);
    }
    let status = service.post("/products/0/price", r#"{"cents":1}"#).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_library_counts_and_what_writes_forgot_is_told() {
    let service = Service::start();
    // Not the product whose price another test changes: they share the database.
    service.get("/products/43").await;
    let price = r#"{"cents":2091}"#;
    let status = service.post("/products/43/price", price).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let registry = &service.live().await["registry"];
    assert_eq!(registry["name"], "shop");
    let groups = registry["groups"].as_array().unwrap();
    let named: Vec<_> = groups.iter().map(|group| &group["name"]).collect();
    assert_eq!(named, FUNCTIONS);
    // Each was asked once at the start, which is not counted.
    let led: Vec<_> = groups.iter().map(|group| &group["led"]).collect();
    assert_eq!(led, [1, 0, 0]);
    assert_eq!(registry["writes"], json!({"forgot": 1, "in_flight": 0}));
}

#[tokio::test]
async fn a_report_is_shared_if_it_is_for_anybody_and_its_readers_are_nobody() {
    let service = Service::start();
    let layer = async |reader: &str| {
        let reader = json!({ "reader": reader }).to_string();
        let status = service.post("/controls/report", &reader).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let layer = service.live().await["layer"].clone();
        ["asked", "ran", "shared"].map(|name| layer[name].as_u64().unwrap())
    };
    let [asked, ran, shared] = layer("anybody").await;
    assert!(asked == 8 && shared > 0 && ran + shared == 8);
    assert_eq!(layer("signed-in").await, [16, ran + 8, shared]);
    assert_eq!(layer("draft").await, [24, ran + 16, shared]);
    let reasons = &service.live().await["layer"]["reasons"];
    assert_eq!(reasons["credentials"], 8);
    // Each of the drafts is counted: those who waited for the first one's response, and those who came later.
    let [private, known] = ["forbidden", "remembered"].map(|it| reasons[it].as_u64().unwrap_or(0));
    assert!(private > 0 && private + known == 8, "{reasons}");
}

#[tokio::test]
async fn a_service_for_itself_is_in_no_cluster() {
    let service = Service::start();
    assert_eq!(service.live().await["cluster"], json!([]));
}

#[cfg(unix)]
#[tokio::test]
async fn members_meet_and_end_with_the_first() {
    let mut command = command("0");
    let mut service = Service::announced(command.args(["--members", "3"]).spawn().unwrap());
    let members = loop {
        let members = service.live().await["cluster"].as_array().unwrap().clone();
        if members
            .iter()
            .all(|member| member["known"]["shares"] == true)
        {
            break members;
        }
        yield_now().await;
    };
    let addresses: Vec<SocketAddr> = (members.iter())
        .map(|member| member["address"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!((addresses.len(), addresses[0]), (3, service.address));

    // Each of them asks for the same: one runs the query at a time.
    service
        .post("/controls/load", r#"{"connections":12}"#)
        .await;
    loop {
        let members = service.live().await["cluster"].as_array().unwrap().clone();
        if (members.iter()).all(|member| member["known"]["elsewhere"].as_u64() > Some(2)) {
            break;
        }
        yield_now().await;
    }
    service.terminate();
    assert_eq!(service.process.wait().unwrap().code(), Some(0));
    for member in addresses {
        assert!(tokio::net::TcpStream::connect(member).await.is_err());
    }
}

#[tokio::test]
async fn only_a_post_of_json_changes_anything() {
    let service = Service::start();
    for path in [
        "/controls/load",
        "/controls/switch",
        "/controls/forget",
        "/controls/reset",
        "/controls/report",
        "/products/7/price",
    ] {
        let (status, _) = service.get(path).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        // As a form on a page of another origin would send it.
        let form = Request::post(path)
            .header("content-type", "text/plain")
            .body(Full::from(
                r#"{"connections":1,"coalescing":false,"cents":1,"reader":"anybody"}"#,
            ))
            .unwrap();
        let (status, _) = service.send(form).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
    }
    let live = service.live().await;
    assert_eq!(
        (&live["coalescing"], &live["connections"]),
        (&json!(true), &json!(0))
    );
}

#[tokio::test]
async fn the_switch_and_the_load_are_told_and_bounded() {
    let service = Service::start();
    let refused = service
        .post("/controls/load", r#"{"connections":257}"#)
        .await;
    assert_eq!(refused, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        service
            .post("/controls/switch", r#"{"coalescing":false}"#)
            .await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        service.post("/controls/load", r#"{"connections":8}"#).await,
        StatusCode::NO_CONTENT
    );
    let live = service.live().await;
    assert_eq!(
        (&live["coalescing"], &live["connections"]),
        (&json!(false), &json!(8))
    );

    // Off for each function: what it runs is what was asked.
    loop {
        let live = service.live().await;
        let functions = live["functions"].as_array().unwrap();
        assert_eq!(functions.len(), FUNCTIONS.len());
        for (function, name) in functions.iter().zip(FUNCTIONS) {
            assert_eq!(function["name"], name);
            assert_eq!(function["calls"], function["executions"], "{function}");
            assert_eq!(function["followed"], 0, "{function}");
        }
        if functions
            .iter()
            .all(|function| function["calls"].as_u64() > Some(3))
        {
            break;
        }
    }
    assert_eq!(
        service.post("/controls/load", r#"{"connections":0}"#).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(service.live().await["connections"], 0);
}

#[tokio::test]
async fn a_port_in_use_is_one_sentence() {
    let service = Service::start();
    let port = service.address.port().to_string();
    let second = command(&port).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(second.stderr).unwrap(),
        format!(
            "service: port {port} is in use; name another one with --port or PORT, or 0 for any\n"
        )
    );
}

#[tokio::test]
async fn of_services_that_start_together_one_makes_the_rows() {
    let database = file("together.db");
    for suffix in ["", "-wal", "-shm"] {
        // Of the last run.
        let _ = fs::remove_file(file(&format!("together.db{suffix}")));
    }
    let start = |_| command_on(&database, "0").spawn().unwrap();
    let started: Vec<_> = (0..4).map(start).collect();
    for service in started.into_iter().map(Service::announced) {
        let (status, product) = service.get("/products/43").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(json(&product)["sold"], sold(|id| id == 43));
    }
}

#[tokio::test]
async fn what_is_no_database_is_left_alone() {
    let letter = file("letter.txt");
    fs::write(
        &letter,
        "Dear reader, this is no database, and shall not become one.",
    )
    .unwrap();
    let refused = command_on(&letter, "0")
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.contains("letter.txt") && told.contains("--database PATH"),
        "{told}"
    );
    assert!(
        fs::read_to_string(&letter)
            .unwrap()
            .starts_with("Dear reader")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn requests_end_after_the_signal() {
    let mut service = Service::start();
    let mut requests = JoinSet::new();
    for number in 0..40 {
        // Each is a query of its own, so that they queue.
        let address = service.address;
        requests.spawn(async move {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let stream = hyper_util::rt::TokioIo::new(stream);
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            let request = Request::get(format!("/search?text=lamp{number}"))
                .header("host", "localhost")
                .body(Full::<hyper::body::Bytes>::default());
            sender
                .send_request(request.unwrap())
                .await
                .map(|response| response.status())
        });
    }
    while service.live().await["functions"][1]["calls"] != 40 {
        yield_now().await;
    }
    service.terminate();
    while let Some(answer) = requests.join_next().await {
        assert_eq!(answer.unwrap().unwrap(), StatusCode::OK);
    }
    assert_eq!(service.process.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn metrics_are_in_the_form_of_prometheus() {
    let service = Service::start();
    service.get("/products/7").await;
    let (status, text) = service.ask(Method::GET, "/metrics", "").await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "# TYPE database_statements_total counter",
        // One for each function at the start, and ours.
        "database_statements_total 4",
        r#"coalesced_calls_total{function="search",role="leader"} 1"#,
        r#"coalesced_in_flight{function="search"} 0"#,
        r#"http_request_duration_seconds_count{route="product",coalescing="on"} 1"#,
    ] {
        assert!(
            text.lines().any(|told| told == line),
            "{line} is not in\n{text}"
        );
    }
}
