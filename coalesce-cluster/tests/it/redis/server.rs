//! A `redis-server` of a test's own.

use std::{
    collections::HashMap,
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use coalesce_cluster::Redis;
use tokio::net::TcpSocket;

/// A server; dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    _reserved: TcpSocket,
    directory: PathBuf,
    options: Vec<String>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// One with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let (reserved, port) = reserved_port();
        let directory =
            std::env::temp_dir().join(format!("coalesced-redis-{}-{port}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let options: Vec<String> = options.iter().map(|option| (*option).into()).collect();
        let child = spawn(port, &directory, &options);
        let server = Self {
            child,
            port,
            _reserved: reserved,
            directory,
            options,
        };
        server.wait();
        server
    }

    /// Waits until it accepts connections: that can only be seen by trying.
    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                Instant::now() < until,
                "redis-server does not start; `apt-get install redis-server`"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn place(&self) -> Redis {
        Redis::at(&format!("redis://127.0.0.1:{}", self.port)).unwrap()
    }

    /// Runs a command, as an operator would.
    pub(crate) fn run(&self, command: &str) -> ::redis::Value {
        let client = ::redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let mut connection = client.get_connection().unwrap();
        let mut words = command.split_whitespace();
        let mut run = ::redis::cmd(words.next().unwrap());
        for word in words {
            run.arg(word);
        }
        run.query(&mut connection).unwrap()
    }

    pub(crate) fn text(&self, command: &str) -> String {
        ::redis::from_redis_value(self.run(command)).unwrap()
    }

    /// How often each command was called since the statistics were reset, those of scripts too.
    pub(crate) fn commands(&self) -> HashMap<String, u64> {
        let count = |line: &str| {
            let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
        };
        self.text("INFO commandstats")
            .lines()
            .filter_map(count)
            .collect()
    }

    pub(crate) fn count(&self, command: &str, key: &str) -> u64 {
        ::redis::from_redis_value(self.run(&format!("{command} {key}"))).unwrap_or(0)
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        ::redis::from_redis_value(self.run("KEYS *")).unwrap()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(self.port, &self.directory, &self.options);
        self.wait();
    }
}

/// A free port, which nobody else gets while a server is away: both may bind it, but only the server listens.
pub(crate) fn reserved_port() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

fn spawn(port: u16, directory: &PathBuf, options: &[String]) -> Child {
    Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
        ])
        .arg(directory)
        .args(options)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server, which `apt-get install redis-server` brings")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
