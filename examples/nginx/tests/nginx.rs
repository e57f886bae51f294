//! The promises of the example, with nginx in it.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
};

fn example(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nginx-example"));
    command.args(args);
    command
}

#[test]
fn equal_requests_meet_where_the_balancer_lets_them() {
    let output = example(&[]).output().unwrap();
    let (table, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{table}{errors}");
    let queries = |round: &str| -> usize {
        let line = table.lines().find_map(|line| line.strip_prefix(round));
        let cell = line.and_then(|line| line.split_whitespace().next());
        cell.unwrap_or_else(|| panic!("{round}: {table}"))
            .parse()
            .unwrap()
    };
    assert_eq!(queries("off         round robin"), 1_000);
    // 150 if each of three instances has its turn with each of 50 keys, and it has unless nginx is asked in
    // quite another order than the requests are sent.
    let round_robin = queries("on          round robin");
    assert!((100..=150).contains(&round_robin), "{table}");
    assert_eq!(queries("on          by hash"), 50);
    print!("{table}");
}

#[test]
fn a_process_ends_with_its_parent() {
    for args in [
        &["serve", "--database", "127.0.0.1:9"][..],
        &["balance", "127.0.0.1:9"],
        &["balance", "--hash", "127.0.0.1:9"],
    ] {
        let (mut child, address) = start(args);
        TcpStream::connect(address).unwrap();
        // What the kernel does for a parent that ends.
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success(), "{args:?}");
        TcpStream::connect(address).expect_err("nobody listens any more");
    }
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
        &["balance", "--hsah"][..],
        &["balance"],
        &["serve"],
        &["nginx"],
    ] {
        let output = example(args).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{args:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.ends_with("--help lists what there is\n"), "{errors}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}
