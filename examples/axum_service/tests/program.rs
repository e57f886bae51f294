//! The program itself: how it starts, what it tells Prometheus, and how it stops.

#![cfg(unix)]

mod support;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use hyper::StatusCode;
use support::Client;

/// Ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_axum-service"));
    program.env("ADDRESS", "127.0.0.1:0").env("NO_COLOR", "1");
    program.env_remove("RUST_LOG").env_remove("DATABASE_URL");
    program
}

#[tokio::test]
async fn it_serves_is_measured_and_stops_at_the_signal() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("articles.db");
    let program = program()
        .env("DATABASE_URL", format!("sqlite:{}", database.display()))
        .stdout(Stdio::piped())
        .spawn();
    let mut program = Program(program.unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let (_, address) = line
        .split_once("http://")
        .expect("it says where it listens");
    let client = Client(address.parse().unwrap());

    client.put(7, "Dawn").await;
    assert_eq!(client.title(7).await, "Dawn");
    assert_eq!(client.title(7).await, "Dawn");
    let (status, metrics) = client.get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        r#"coalesced_calls_total{function="article",role="leader"} 1"#,
        r#"coalesced_in_flight{function="article"} 0"#,
    ] {
        assert!(
            metrics.lines().any(|told| told == line),
            "{line} is not in\n{metrics}"
        );
    }

    let pid = program.0.id().to_string();
    let signal = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(signal.unwrap().success());
    assert!(program.0.wait().unwrap().success());
}

#[test]
fn what_is_missing_is_told() {
    let output = program().output().unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("set DATABASE_URL"), "{told}");
}
