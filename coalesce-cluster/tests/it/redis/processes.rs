//! Members that are processes of their own: this program, run again.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use coalesce_cluster::Redis;
use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{server::Server, waits};
use crate::support::Process;

/// Another process.
struct Other {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Other {
    /// One that leads key 7, and ends it with 1 when it is told to.
    fn leading(server: &Server) -> Self {
        let mut other = Self::start(server, "redis::processes::leads_until_it_is_told");
        other.says("leads");
        other
    }

    fn start(server: &Server, role: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", role, "--ignored", "--nocapture"])
            .env(
                "COALESCED_REDIS",
                format!("redis://127.0.0.1:{}", server.port),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    fn tell(&mut self) {
        writeln!(self.input).unwrap();
    }

    fn says(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert_ne!(
                self.output.read_line(&mut line).unwrap(),
                0,
                "it ends without {word:?}"
            );
        }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other process does; no test.
#[tokio::test]
#[ignore = "run by the tests below"]
async fn leads_until_it_is_told() {
    let process = connected().await;
    let mut leader = process.leads(7).await;
    println!("leads");
    told().await;
    leader.end(1);
    process.cluster.close().await;
    println!("ended");
}

/// The same.
#[tokio::test]
#[ignore = "run by the tests below"]
async fn asks_when_it_is_told() {
    let process = connected().await;
    println!("connected");
    told().await;
    let mut leader = process.call(7);
    leader.asks().await;
    println!("asks");
    assert_eq!(leader.verdict().await, Run);
    println!("{:?}", process.cluster.stats());
}

async fn connected() -> Process {
    Process::at(&Redis::at(&env::var("COALESCED_REDIS").unwrap()).unwrap()).await
}

async fn told() {
    let told = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
    told.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_process_that_is_killed_is_taken_over_by_one_at_a_time() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let other = Process::at(&server.place()).await;
    let leading = Other::leading(&server);
    let (mut second, mut third) = (one.call(7), other.call(7));
    waits(&server, &mut second, 1).await;
    waits(&server, &mut third, 2).await;
    leading.signal("-KILL");
    let killed = Instant::now();
    let limit = Duration::from_millis(3500);
    let (mut first, mut last) = tokio::select! {
        verdict = second.verdict() => { assert_eq!(verdict, Run); (second, third) }
        verdict = third.verdict() => { assert_eq!(verdict, Run); (third, second) }
    };
    assert!(killed.elapsed() < limit, "{:?}", killed.elapsed());
    // It asks again before its own lease is over.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(last.poll(std::task::Waker::noop()).is_pending());
    first.end(2);
    assert_eq!(last.verdict().await, Given(2));
}

#[tokio::test]
async fn a_process_that_is_stopped_for_longer_than_its_lease_wakes_and_harms_nobody() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let mut leading = Other::leading(&server);
    let mut second = one.call(7);
    waits(&server, &mut second, 1).await;
    leading.signal("-STOP");
    assert_eq!(second.verdict().await, Run, "it takes over");
    leading.signal("-CONT");
    let other = Process::at(&server.place()).await;
    let mut third = other.call(7);
    waits(&server, &mut third, 1).await;
    leading.tell();
    leading.says("ended");
    assert!(
        third.poll(std::task::Waker::noop()).is_pending(),
        "it gets the value it waits for"
    );
    second.end(2);
    assert_eq!(third.verdict().await, Given(2));
}

#[tokio::test]
async fn a_waiting_process_gets_the_value_of_another() {
    let server = Server::start();
    let one = Process::at(&server.place()).await;
    let mut leading = Other::leading(&server);
    let mut waiter = one.call(7);
    waits(&server, &mut waiter, 1).await;
    leading.tell();
    assert_eq!(waiter.verdict().await, Given(1));
}

#[tokio::test]
async fn a_process_that_was_stopped_reads_what_has_come_before_it_gives_up() {
    let server = Server::start();
    let mut other = Other::start(&server, "redis::processes::asks_when_it_is_told");
    other.says("connected");
    // The answer comes within the limit, while the process is stopped.
    server.run("CLIENT PAUSE 150 ALL");
    other.tell();
    other.says("asks");
    tokio::time::sleep(Duration::from_millis(30)).await;
    other.signal("-STOP");
    tokio::time::sleep(Duration::from_millis(600)).await;
    other.signal("-CONT");
    other.says("local: 0");
}
