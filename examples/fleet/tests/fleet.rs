//! The promises of the example, with a Redis in it.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
};

fn example(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet"));
    command.args(args).env_remove("REDIS_URL");
    command
}

/// Runs it to its end, and well.
fn table(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (table, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{table}{errors}");
    table
}

/// The cells of the line of a scene: the database's queries, the requests that were answered, those that were sent
/// again.
fn counts(table: &str, scene: &str) -> [usize; 3] {
    let line = table.lines().find_map(|line| {
        let cells = line.strip_prefix(scene)?;
        cells.starts_with("  ").then_some(cells)
    });
    let cells = line.unwrap_or_else(|| panic!("no {scene}: {table}"));
    let mut cells = cells.split_whitespace().map(|cell| cell.parse().unwrap());
    [(); 3].map(|()| cells.next().unwrap())
}

/// With five keys: what a thousand requests show, 240 do, too, where nothing is optimized.
#[test]
fn a_fleet_runs_each_query_once_and_without_its_redis_as_often_as_it_has_processes() {
    let table = table(&mut example(&["--requests", "240", "--keys", "5"]));
    let counts = |scene| counts(&table, scene);
    assert_eq!(counts("each process for itself"), [20, 240, 0]);
    assert_eq!(counts("across"), [5, 240, 0]);
    assert_eq!(counts("across, a leader is killed"), [6, 240, 60]);
    assert_eq!(counts("across, the Redis is killed"), [20, 240, 0]);
    assert_eq!(counts("across, the Redis is back"), [5, 240, 0]);
    print!("{table}");
}

#[test]
fn a_redis_that_is_there_is_used_and_not_killed() {
    let (redis, address) = start(&["redis"]);
    let url = format!("redis://{address}/3");
    let args = ["--requests", "80", "--keys", "5"];
    let table = table(example(&args).env("REDIS_URL", url));
    let counts = |scene| counts(&table, scene);
    assert_eq!(counts("each process for itself"), [20, 80, 0]);
    assert_eq!(counts("across"), [5, 80, 0]);
    assert_eq!(counts("across, a leader is killed"), [6, 80, 20]);
    assert!(!table.contains("the Redis is killed"), "{table}");
    assert!(table.contains("is not ours to kill"), "{table}");
    TcpStream::connect(address).unwrap();
    end(redis);
}

#[test]
fn without_a_redis_one_sentence_says_how_to_have_one() {
    for (mut command, what) in [
        (example(&[]), "there is no Redis; install"),
        (example(&[]), "can't use the Redis at REDIS_URL"),
    ] {
        if what.contains("REDIS_URL") {
            command.env("REDIS_URL", "redis://:secret@127.0.0.1:9");
        } else {
            command.env("PATH", "");
        }
        let output = command.output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{errors}");
        assert!(errors.starts_with(&format!("fleet: {what}")), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(!errors.contains("secret"), "{errors}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_process_ends_with_its_parent() {
    for args in [&["serve", "--database", "127.0.0.1:9"][..], &["redis"]] {
        let (child, address) = start(args);
        TcpStream::connect(address).unwrap();
        end(child);
        TcpStream::connect(address).expect_err("nobody listens any more");
    }
}

/// What the kernel does for a parent that ends.
fn end(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

fn start(args: &[&str]) -> (Child, SocketAddr) {
    let mut child = example(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    (child, line.trim().parse().expect("an address"))
}

#[test]
fn what_is_unclear_starts_nothing() {
    for args in [
        &["--requests", "1000", "--keys", "49"][..],
        &["--requests", "0"],
        &["--requests", "1000000"],
        &["--keys", "1"],
        &["--keys", "many"],
        &["serve"],
        &["serve", "--database", "127.0.0.1:9", "--keys", "2"],
        &["redis", "--port", "70000"],
        &["memcached"],
        &["serve", "redis"],
    ] {
        let output = example(args).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{args:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("--help "), "{errors}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}
