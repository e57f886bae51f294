//! How many calls one server takes, and what each costs it, and the member.

use std::{
    env,
    fmt::Write as _,
    io::{BufRead, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::{
    member::{Done, Role, Way},
    number::short,
    server::Server,
};

pub(crate) async fn table(server: &Server, quick: bool) -> String {
    let (time, scales): (_, &[(usize, u64)]) = if quick {
        (Duration::from_millis(500), &[(1, 100)])
    } else {
        (
            Duration::from_secs(5),
            &[(1, 1), (1, 10), (1, 100), (1, 1000), (2, 200), (4, 200)],
        )
    };
    let mut text = String::from(
        "## How much one server takes: calls of keys that nobody else calls, with bodies that take no time\n\n\
         | processes | callers each | | calls a second | µs of the server each | µs of the member each | the server is busy | so it takes at most | not sent, since it was slow |\n\
         |--:|--:|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for (count, callers) in scales {
        for (way, name) in [
            (Way::Ping, "`PING`"),
            (Way::Cluster, "`coalesced`"),
            (Way::ByHand, "by hand"),
        ] {
            let role = Role {
                way,
                url: server.url(),
                callers: *callers,
                keys: 0,
                body: Duration::ZERO,
                time,
            };
            let before = server.ran();
            let done = processes(&role, *count);
            let ran = server.ran() - before;
            assert_eq!(
                (done.wrong, done.bodies),
                (0, done.calls),
                "of each call its own body"
            );
            let each = |time: Duration| short(time.as_secs_f64() * 1e6 / done.calls as f64);
            let _ = writeln!(
                text,
                "| {count} | {callers} | {name} | {} | {} | {} | {:.0} % | {} | {} |",
                short(done.calls as f64 / time.as_secs_f64()),
                each(ran),
                each(done.ran),
                100.0 * ran.as_secs_f64() / time.as_secs_f64(),
                rounded(done.calls as f64 / ran.as_secs_f64()),
                done.local,
            );
        }
    }
    text
}

/// To thousands.
fn rounded(number: f64) -> String {
    short((number / 1000.0).round() * 1000.0)
}

/// What so many processes did, in all.
pub(crate) fn processes(role: &Role, count: usize) -> Done {
    let mut all: Vec<_> = (0..count).map(|_| Process::start(role)).collect();
    all.iter_mut()
        .for_each(|it| it.hears("ready", |line| line.starts_with("ready").then_some(())));
    for process in &mut all {
        writeln!(process.input).expect("a process that listens");
    }
    let mut done = Done::default();
    for process in &mut all {
        done.add(process.hears("done", Done::parse));
    }
    done
}

/// A process; dropped, it is killed.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(role: &Role) -> Self {
        let Role {
            way,
            url,
            callers,
            keys,
            body,
            time,
        } = role;
        let numbers = [
            u128::from(*callers),
            u128::from(*keys),
            body.as_millis(),
            time.as_millis(),
        ];
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["member", way.word(), url])
            .args(numbers.map(|number| number.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self {
            child,
            input,
            output,
        }
    }

    /// Waits until it says this.
    fn hears<T>(&mut self, what: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        loop {
            let mut line = String::new();
            let bytes = self.output.read_line(&mut line).expect("its output");
            assert_ne!(bytes, 0, "a process ends and does not say {what}");
            if let Some(said) = parse(&line) {
                return said;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
