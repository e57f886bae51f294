//! A load of identical requests, over real connections.
//!
//! 1. Each connection asks one question, and asks it again as soon as it is answered.
//! 2. When the time is over each connection still waits for its answer, so nobody is cancelled.
//! 3. The [`Tally`] has every answer that was given: there should be one to each question.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Debug,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header::HOST,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, select, task::JoinSet};

use crate::latency::histogram;

/// What everyone wants to know.
pub const QUESTIONS: [&str; 4] = [
    "/products/7",
    "/search?text=lamp",
    "/products/42",
    "/months/11",
];

/// Who asks, and whom.
#[derive(Debug, Clone)]
pub struct Load {
    /// The service: each question goes to each of its processes in turn.
    pub servers: Vec<SocketAddr>,
    /// How many ask at the same time.
    pub connections: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Tally {
    /// How long each answer took, in microseconds.
    pub latencies: Histogram<u32>,
    /// All the different answers to each question.
    pub answers: BTreeMap<&'static str, HashSet<(StatusCode, Bytes)>>,
    /// Connections that broke, and why.
    pub broken: Vec<String>,
}

impl Load {
    /// Asks until `enough`, or until no connection is left.
    pub async fn run(self, enough: impl Future<Output = ()>) -> Tally {
        let going = Arc::new(AtomicBool::new(true));
        let servers = self.servers.iter().cycle();
        let each = servers.flat_map(|server| QUESTIONS.map(|question| (*server, question)));
        let mut connections: JoinSet<_> = each
            .take(self.connections)
            .map(|(server, question)| ask(server, question, Arc::clone(&going)))
            .collect();
        let mut tally = Tally::new();
        let mut enough = std::pin::pin!(enough);
        while !connections.is_empty() {
            select! {
                () = &mut enough, if going.load(Relaxed) => going.store(false, Relaxed),
                Some(ended) = connections.join_next() => match ended {
                    Ok(part) => tally.add(part),
                    Err(panic) => tally.broken.push(panic.to_string()),
                },
            }
        }
        tally
    }
}

async fn ask(server: SocketAddr, question: &'static str, going: Arc<AtomicBool>) -> Tally {
    let mut tally = Tally::new();
    let mut connection = match connect(server).await {
        Ok(connection) => connection,
        Err(error) => {
            tally.broken.push(error);
            return tally;
        }
    };
    while going.load(Relaxed) {
        let asked = Instant::now();
        match get(&mut connection, server, question).await {
            Ok(answer) => {
                let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
                tally.latencies.saturating_record(waited);
                tally.answers.entry(question).or_default().insert(answer);
            }
            Err(error) => {
                tally.broken.push(error.to_string());
                break;
            }
        }
    }
    tally
}

async fn connect(server: SocketAddr) -> Result<SendRequest<Empty<Bytes>>, String> {
    let stream = TcpStream::connect(server)
        .await
        .map_err(|error| error.to_string())?;
    stream
        .set_nodelay(true)
        .map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // An error is told to the sender, too.
    tokio::spawn(connection);
    Ok(sender)
}

async fn get(
    connection: &mut SendRequest<Empty<Bytes>>,
    server: SocketAddr,
    question: &str,
) -> hyper::Result<(StatusCode, Bytes)> {
    let request = Request::get(question)
        .header(HOST, server.to_string())
        .body(Empty::new())
        .expect("the questions are paths");
    connection.ready().await?;
    let response = connection.send_request(request).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

impl Tally {
    fn new() -> Self {
        Self {
            latencies: histogram(),
            answers: BTreeMap::new(),
            broken: Vec::new(),
        }
    }

    fn add(&mut self, part: Self) {
        self.latencies
            .add(part.latencies)
            .expect("both have the same bounds");
        for (question, answers) in part.answers {
            self.answers.entry(question).or_default().extend(answers);
        }
        self.broken.extend(part.broken);
    }
}
