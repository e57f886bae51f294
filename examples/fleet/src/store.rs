//! The Redis that the processes meet in: one that is there, or one that is started here, on a port of its own.
//!
//! It is looked into as an operator would: its keys say who leads and who waits, and it counts its scripts.

use std::process;

use redis::{AsyncCommands, Client, ScanOptions, aio::MultiplexedConnection, cmd, pipe};
use servers::{Result, child::Child, store};
use tokio::net::TcpSocket;

#[derive(Debug)]
pub(crate) struct Store {
    url: String,
    /// What all our keys start with, and nobody else's.
    prefix: String,
    connection: MultiplexedConnection,
    /// `None`: it is somebody else's.
    ours: Option<Ours>,
}

#[derive(Debug)]
struct Ours {
    /// Bound, and never listens: so nobody else gets the port while the server is away.
    port: TcpSocket,
    /// `None`: it was killed.
    process: Option<Child>,
}

/// Who is in the Redis now.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seats {
    /// Flights that are led.
    pub(crate) led: usize,
    /// How many processes wait for them, summed up.
    pub(crate) waiting: usize,
}

impl Store {
    /// The one at this URL, or a new one.
    pub(crate) async fn open(url: Option<String>) -> Result<Self> {
        let prefix = format!("fleet:{}:", process::id());
        if let Some(url) = url {
            let connection = connect(&url)
                .await
                .map_err(|error| format!("can't use the Redis at REDIS_URL: {error}"))?;
            return Ok(Self {
                url,
                prefix,
                connection,
                ours: None,
            });
        }
        store::find()?;
        let port = store::reserved_port()?;
        let (process, url) = start(&port).await?;
        Ok(Self {
            connection: connect(&url).await?,
            url,
            prefix,
            ours: Some(Ours {
                port,
                process: Some(process),
            }),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether it may be killed.
    pub(crate) fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    /// Who leads, and who waits.
    pub(crate) async fn seats(&self) -> Result<Seats> {
        self.look().await.map_err(said)
    }

    async fn look(&self) -> redis::RedisResult<Seats> {
        let mut connection = self.connection.clone();
        let mut leases: Vec<String> = Vec::new();
        let options = ScanOptions::default()
            .with_pattern(format!("{}{{*}}", self.prefix))
            .with_count(1_000);
        let mut scan = connection.scan_options(options).await?;
        while let Some(lease) = scan.next_item().await {
            leases.push(lease?);
        }
        drop(scan);
        // The same one may be found twice.
        leases.sort_unstable();
        leases.dedup();
        if leases.is_empty() {
            return Ok(Seats::default());
        }
        let mut questions = pipe();
        for lease in &leases {
            questions.get(lease);
        }
        let holders: Vec<Option<String>> = questions.query_async(&mut connection).await?;
        let mut questions = pipe();
        let mut led = 0;
        for (lease, holder) in leases.iter().zip(holders) {
            // The flight, and the channel of who leads it.
            if let Some(flight) = holder.as_ref().and_then(|holder| holder.get(..32)) {
                led += 1;
                questions.scard(format!("{lease}:w:{flight}"));
            }
        }
        if led == 0 {
            return Ok(Seats::default());
        }
        let waiting: Vec<usize> = questions.query_async(&mut connection).await?;
        Ok(Seats {
            led,
            waiting: waiting.iter().sum(),
        })
    }

    /// How many scripts it has run for the processes; `None`: it runs those of others, too.
    pub(crate) async fn scripts(&self) -> Result<Option<u64>> {
        if !self.is_ours() {
            return Ok(None);
        }
        let statistics: String = cmd("INFO")
            .arg("commandstats")
            .query_async(&mut self.connection.clone())
            .await
            .map_err(said)?;
        let count = |line: &str| {
            let (calls, _) = line
                .strip_prefix("cmdstat_evalsha:calls=")?
                .split_once(',')?;
            calls.parse().ok()
        };
        Ok(Some(statistics.lines().find_map(count).unwrap_or(0)))
    }

    /// Kills it, if it is ours.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        match self.ours.as_mut().and_then(|ours| ours.process.take()) {
            Some(process) => process.end().await,
            None => Ok(()),
        }
    }

    /// Starts it again, empty.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        if let Some(ours) = &mut self.ours {
            let (process, url) = start(&ours.port).await?;
            ours.process = Some(process);
            self.connection = connect(&url).await?;
        }
        Ok(())
    }
}

async fn connect(url: &str) -> Result<MultiplexedConnection> {
    let client = Client::open(url).map_err(said)?;
    client
        .get_multiplexed_async_connection()
        .await
        .map_err(said)
}

fn said(error: redis::RedisError) -> String {
    format!("the Redis says: {error}")
}

async fn start(port: &TcpSocket) -> Result<(Child, String)> {
    let address = port.local_addr().map_err(|error| error.to_string())?;
    let args = ["redis", "--port", &address.port().to_string()].map(str::to_owned);
    let process = Child::start(&args, &[]).await?;
    Ok((process, format!("redis://{address}")))
}
