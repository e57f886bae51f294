//! The connection of a member to a Redis.
//!
//! 1. Operations wait in a queue, and are sent in its order, without waiting for replies; replies come in the same
//!    order.
//! 2. A server that has forgotten the scripts (`NOSCRIPT`) is not sent anything more until all replies are there. Then
//!    they are loaded, and what was refused is sent again, in its order, before the rest.
//! 3. What is large goes over a connection of its own, which is made when it is needed first; nothing relies on its order.
//! 4. `connect` drops the connection with all that is on its way: replies of an old one are never read.
//!
//! All state is in the client, so that `event` can be dropped at any time.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use futures_util::{
    StreamExt,
    stream::{FuturesOrdered, FuturesUnordered},
};
use redis::{
    ConnectionInfo, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value,
    aio::MultiplexedConnection,
};
use tokio::{select, sync::OnceCell, task::unconstrained};

use super::{
    open::{Open, connect, open},
    operation::{Names, Operation},
    scripts::Scripts,
    trouble::Trouble,
};
use crate::engine::{Begin, Digest, End, Engine, Event, Token};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Replied = (Operation, RedisResult<Value>);

/// A member's connection to a Redis.
pub struct Client {
    info: ConnectionInfo,
    names: Names,
    line: Line,
    queue: VecDeque<Operation>,
}

enum Line {
    Closed,
    Opening(Boxed<Result<Open, Trouble>>),
    Open(Box<Connected>),
}

struct Connected {
    open: Open,
    client: redis::Client,
    sent: FuturesOrdered<Boxed<Replied>>,
    large: Arc<OnceCell<MultiplexedConnection>>,
    large_sent: FuturesUnordered<Boxed<Replied>>,
    /// What the server did not know the script for.
    refused: Vec<Operation>,
    loading: Option<Boxed<RedisResult<Scripts>>>,
}

impl Client {
    pub(super) fn new(info: ConnectionInfo, prefix: &str, member: u64) -> Self {
        Self {
            info,
            names: Names::new(prefix, member),
            line: Line::Closed,
            queue: VecDeque::new(),
        }
    }

    fn close(&mut self) {
        self.line = Line::Closed;
        self.queue.clear();
    }

    fn connected(&self, open: Open) -> RedisResult<Connected> {
        Ok(Connected {
            open,
            client: redis::Client::open(self.info.clone())?,
            sent: FuturesOrdered::new(),
            large: Arc::default(),
            large_sent: FuturesUnordered::new(),
            refused: Vec::new(),
            loading: None,
        })
    }

    /// An event, or the connection's end.
    async fn next(&mut self) -> Result<Event, Trouble> {
        loop {
            match &mut self.line {
                Line::Closed => std::future::pending().await,
                Line::Opening(opening) => {
                    let open = opening.await?;
                    self.line = Line::Open(Box::new(self.connected(open)?));
                    return Ok(Event::Up);
                }
                Line::Open(line) => {
                    line.send(&mut self.queue, &self.names).await;
                    let event = line.next(&mut self.queue, &self.names).await?;
                    if let Some(event) = event {
                        return Ok(event);
                    }
                }
            }
        }
    }
}

impl Connected {
    /// Sends what is queued.
    async fn send(&mut self, queue: &mut VecDeque<Operation>, names: &Names) {
        while self.refused.is_empty() && self.loading.is_none() {
            let Some(operation) = queue.pop_front() else {
                return;
            };
            let command = operation.command(names, &self.open.scripts);
            if operation.is_large() {
                let (large, client) = (Arc::clone(&self.large), self.client.clone());
                self.large_sent.push(Box::pin(async move {
                    let reply = match large.get_or_try_init(|| connect(&client)).await {
                        Ok(connection) => command.query_async(&mut connection.clone()).await,
                        Err(error) => Err(error),
                    };
                    (operation, reply)
                }));
                continue;
            }
            let mut writer = self.open.writer.clone();
            let mut reply: Boxed<_> = Box::pin(unconstrained(async move {
                command.query_async(&mut writer).await
            }));
            // Polled once here and now, whatever else this task has done: so the commands get in line in order.
            let first = poll_fn(|cx| Poll::Ready(reply.as_mut().poll(cx))).await;
            self.sent.push_back(Box::pin(async move {
                match first {
                    Poll::Ready(reply) => (operation, reply),
                    Poll::Pending => (operation, reply.await),
                }
            }));
        }
    }

    /// The next event; `None`: nothing for the member.
    async fn next(
        &mut self,
        queue: &mut VecDeque<Operation>,
        names: &Names,
    ) -> Result<Option<Event>, Trouble> {
        if self.sent.is_empty() && self.loading.is_none() && !self.refused.is_empty() {
            let mut writer = self.open.writer.clone();
            self.loading = Some(Box::pin(async move { Scripts::load(&mut writer).await }));
        }
        let (operation, reply) = select! {
            biased;
            Some(replied) = self.sent.next() => replied,
            Some(replied) = self.large_sent.next() => replied,
            message = self.open.inbox.next() => return match message {
                Some(message) => Ok(names.message(message.get_payload_bytes())),
                None => Err(Trouble::Down("the inbox's connection was closed".into())),
            },
            scripts = load(&mut self.loading) => {
                self.loading = None;
                self.open.scripts = scripts?;
                for operation in self.refused.drain(..).rev() {
                    queue.push_front(operation);
                }
                return Ok(None);
            }
        };
        match reply {
            Ok(reply) => operation.answer(reply).map(Some).ok_or_else(|| {
                Trouble::Failed("it gave an answer that is none of this version's".into())
            }),
            Err(error) if is_noscript(&error) => {
                self.refused.push(operation);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

async fn load(loading: &mut Option<Boxed<RedisResult<Scripts>>>) -> RedisResult<Scripts> {
    match loading {
        Some(loading) => loading.await,
        None => std::future::pending().await,
    }
}

fn is_noscript(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

impl Engine for Client {
    fn connect(&mut self) {
        self.close();
        let (info, names) = (self.info.clone(), self.names.clone());
        self.line = Line::Opening(Box::pin(async move {
            open(redis::Client::open(info)?, names).await
        }));
    }

    fn begin(&mut self, begin: Begin) {
        self.queue.push_back(Operation::Begin(begin));
    }

    fn end(&mut self, end: End) {
        self.queue.push_back(Operation::End(end));
    }

    fn fetch(&mut self, key: Digest, token: Token) {
        self.queue.push_back(Operation::Fetch(key, token));
    }

    fn renew(&mut self, leases: &[(Digest, Token)], lease: Duration) {
        self.queue.extend(
            leases
                .iter()
                .map(|(key, token)| Operation::Renew(*key, *token, lease)),
        );
    }

    fn forget(&mut self, key: Digest) {
        self.queue.push_back(Operation::Forget(key));
    }

    fn beat(&mut self, number: u64) {
        self.queue.push_back(Operation::Beat(number));
    }

    async fn event(&mut self) -> Event {
        match self.next().await {
            Ok(event) => event,
            Err(trouble) => {
                self.close();
                trouble.into()
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("names", &self.names)
            .field("queue", &self.queue.len())
            .finish_non_exhaustive()
    }
}
