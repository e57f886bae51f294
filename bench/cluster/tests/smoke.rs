//! The program runs, on a small scale, and what it asserts holds: each call has a value of its key, and only bodies run
//! that should.

use std::process::Command;

#[test]
fn a_quick_run_shows_all_tables() {
    let run = Command::new(env!("CARGO_BIN_EXE_coalesce-cluster-bench"))
        .arg("--quick")
        .output()
        .unwrap();
    let (shown, told) = [run.stdout, run.stderr]
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .into();
    assert!(run.status.success(), "{shown}\n{told}");
    for row in [
        "| a lone call | 2 |",
        "| a call, and one that waits for it in another member | 3 |",
        "| a key is forgotten that nobody calls | 1 |",
        "| `PING` |",
        "| 1 | 100 | `coalesced` |",
        "| 4 | `coalesced`, through the Redis |",
    ] {
        assert!(shown.contains(row), "{row} is missing:\n{shown}");
    }
}

#[test]
fn a_refusal_is_one_sentence() {
    let run = Command::new(env!("CARGO_BIN_EXE_coalesce-cluster-bench"))
        .arg("--rounds")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    let told = String::from_utf8(run.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
}
