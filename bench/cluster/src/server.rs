//! A `redis-server` of the bench's own.

use std::{
    collections::BTreeMap,
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio, id},
    thread,
    time::{Duration, Instant},
};

use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, aio::MultiplexedConnection};

use crate::far::away;

/// A server; dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    port: u16,
    directory: PathBuf,
}

impl Server {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a free port")
            .port();
        let directory = std::env::temp_dir().join(format!("coalesced-bench-{}", id()));
        fs::create_dir_all(&directory).expect("a directory");
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(&directory)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server, which `apt-get install redis-server` brings");
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "redis-server does not start");
            thread::sleep(Duration::from_millis(5));
        }
        Self {
            child,
            port,
            directory,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The same, over a network that takes so long.
    pub(crate) fn far_url(&self, way: Duration) -> String {
        format!("redis://127.0.0.1:{}", away(self.port, way))
    }

    pub(crate) async fn connect(&self) -> MultiplexedConnection {
        connect(&self.url()).await
    }

    /// Its answer to these words, over a connection of their own.
    pub(crate) async fn ask<T: FromRedisValue>(&self, words: &str) -> T {
        let mut connection = self.connect().await;
        let command = command(words);
        command
            .query_async(&mut connection)
            .await
            .expect("an answer")
    }

    pub(crate) async fn version(&self) -> String {
        let info: String = self.ask("INFO server").await;
        let version = info
            .lines()
            .find_map(|it| it.strip_prefix("redis_version:"));
        format!("redis-server {}", version.unwrap_or("?"))
    }

    /// How often each command was called since this was reset; those that scripts call, too.
    pub(crate) async fn calls(&self) -> BTreeMap<String, u64> {
        let info: String = self.ask("INFO commandstats").await;
        let calls = |line: &str| {
            let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
        };
        info.lines().filter_map(calls).collect()
    }

    /// How long its main thread has run on a processor.
    pub(crate) fn ran(&self) -> Duration {
        ran(&format!("/proc/{}/schedstat", self.child.id()))
    }
}

/// A connection that does not hold small requests back.
pub(crate) async fn connect(url: &str) -> MultiplexedConnection {
    use redis::IntoConnectionInfo;

    let info = url.into_connection_info().expect("a URL");
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    let client = Client::open(info.set_tcp_settings(tcp)).expect("a client");
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .expect("a connection")
}

pub(crate) fn command(words: &str) -> Cmd {
    let mut command = Cmd::new();
    words.split(' ').for_each(|word| {
        command.arg(word);
    });
    command
}

/// Linux counts this in nanoseconds.
fn ran(file: &str) -> Duration {
    let text = fs::read_to_string(file).unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
