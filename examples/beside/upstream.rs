//! An upstream that limits its clients: what is asked once is counted once, one 429 is told to all who wait, and after
//! it nobody asks before it may be asked again. The upstream is a server in this program.

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::get,
};
use coalesced::{Registry, coalesce};
use std::{
    collections::VecDeque,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
    task::{JoinHandle, yield_now},
    time::{Instant, sleep_until},
};

/// `Clone`, so that all who wait are told.
#[derive(Debug, Clone, thiserror::Error)]
enum Error {
    #[error("the upstream takes no requests until {0:?}")]
    Limited(Instant),
    #[error(transparent)]
    Failed(#[from] Arc<reqwest::Error>),
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(Arc::new(error))
    }
}

/// The client of the upstream.
struct Prices {
    http: reqwest::Client,
    url: String,
    calls: Registry,
    /// The upstream said so. A flight keeps no error, so the next call would ask at once.
    closed_until: Mutex<Option<Instant>>,
}

impl Prices {
    /// Fails at once while the upstream is closed. `spawn`: the deadline of a caller does not end a request that others
    /// wait for, and that has been counted. `max_wait`: if it hangs, those who waited send one more.
    #[coalesce(registry = self.calls, spawn, max_wait = "2s")]
    async fn price(self: Arc<Self>, item: u64) -> Result<u64, Error> {
        self.ask(item).await
    }

    /// Waits until the upstream is open again, once for all callers. Each has its own deadline. No `max_wait`: those who
    /// follow would leave a body that only waits, and open one that waits for the same.
    #[coalesce(registry = self.calls, spawn)]
    async fn price_in_time(self: Arc<Self>, item: u64) -> Result<u64, Error> {
        loop {
            match self.ask(item).await {
                // Not all keys at the same moment.
                Err(Error::Limited(until)) => sleep_until(until + jitter()).await,
                answer => return answer,
            }
        }
    }

    /// Not as it should be: a 429 is told to one caller, and the others ask, each.
    #[coalesce(registry = self.calls, share = ok)]
    async fn price_each(self: Arc<Self>, item: u64) -> Result<u64, Error> {
        self.request(item).await
    }

    async fn ask(&self, item: u64) -> Result<u64, Error> {
        let closed = self
            .closed_until
            .lock()
            .unwrap()
            .filter(|until| *until > Instant::now());
        if let Some(until) = closed {
            return Err(Error::Limited(until));
        }
        let answer = self.request(item).await;
        if let Err(Error::Limited(until)) = answer {
            let mut closed = self.closed_until.lock().unwrap();
            *closed = (*closed).max(Some(until)); // the later of two
        }
        answer
    }

    async fn request(&self, item: u64) -> Result<u64, Error> {
        let response = self
            .http
            .get(format!("{}/price/{item}", self.url))
            .send()
            .await?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            let after = response.headers().get(RETRY_AFTER);
            let seconds = after.and_then(|it| it.to_str().ok()?.parse().ok());
            let wait = Duration::from_secs(seconds.unwrap_or(1));
            return Err(Error::Limited(Instant::now() + wait));
        }
        let price = response.error_for_status()?.text().await?;
        Ok(price.parse().expect("this upstream answers with numbers"))
    }
}

fn jitter() -> Duration {
    Duration::from_millis(fastrand::u64(..500))
}

const CALLERS: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let upstream = Arc::new(Upstream::new());
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30));
    let client = client.no_proxy();
    let prices = Arc::new(Prices {
        http: client.build().unwrap(),
        url: upstream.serve().await,
        calls: Registry::new().named("prices"),
        closed_until: Mutex::default(),
    });

    // The upstream answers when all have asked.
    let callers = herd(|| Arc::clone(&prices).price(1));
    prices.calls.waiting(CALLERS - 1).await;
    upstream.answer(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 100);
    }
    assert_eq!(upstream.requests(), 1);
    println!("upstream: {CALLERS} callers, 1 request");

    // A 429 is told to all who wait, and the next call does not ask: nor does one for another item.
    upstream.next([Answer::TooMany]);
    let callers = herd(|| Arc::clone(&prices).price(1));
    prices.calls.waiting(CALLERS - 1).await;
    upstream.answer(1);
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Err(Error::Limited(_))));
    }
    let next = Arc::clone(&prices).price(2).await;
    assert!(matches!(next, Err(Error::Limited(_))));
    assert_eq!(upstream.requests(), 1);
    println!("upstream: {CALLERS} callers were told 429, 1 request");

    // `Retry-After` is waited for once. Then the one that led meets its deadline, and its request goes on.
    let mut callers = herd(|| Arc::clone(&prices).price_in_time(3));
    upstream.came.notified().await;
    callers.remove(0).abort();
    upstream.answer(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 300);
    }
    assert_eq!(upstream.requests(), 1);
    println!("upstream: after Retry-After 1 caller was gone, the others were answered, 1 request");

    // With `share = ok` each asks, and is told to go away.
    upstream.next([Answer::TooMany; CALLERS]);
    upstream.answer(CALLERS);
    for caller in herd(|| Arc::clone(&prices).price_each(4)) {
        assert!(matches!(caller.await.unwrap(), Err(Error::Limited(_))));
    }
    assert_eq!(upstream.requests(), CALLERS);
    println!("upstream: {CALLERS} callers were told 429, {CALLERS} requests, by `share = ok`");

    // The upstream hangs: those who follow move once, and together.
    upstream.next([Answer::Never]);
    let mut callers = herd(|| Arc::clone(&prices).price(5));
    let stuck = callers.remove(0);
    prices.calls.waiting(CALLERS - 1).await;
    // One of them leads a second flight; it is answered when the others have joined it, and not while they still leave
    // the first.
    while followers_of_newest(&prices.calls) != Some(CALLERS - 2) {
        yield_now().await;
    }
    upstream.answer(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), 500);
    }
    assert_eq!(upstream.requests(), 2);
    stuck.abort();
    println!(
        "upstream: it hung, and 1 request more answered {} callers",
        CALLERS - 1
    );
}

fn herd<F>(call: impl Fn() -> F) -> Vec<JoinHandle<F::Output>>
where
    F: Future<Output = Result<u64, Error>> + Send + 'static,
{
    (0..CALLERS).map(|_| tokio::spawn(call())).collect()
}

/// How many follow the flight that a new call would join. One whose followers moved to a newer one is displaced.
fn followers_of_newest(calls: &Registry) -> Option<usize> {
    let groups = calls.groups().into_iter();
    let mut flights = groups.flat_map(|group| group.flights());
    let newest = flights.find(|flight| !flight.displaced)?;
    Some(newest.followers)
}

/// The server.
struct Upstream {
    requests: AtomicUsize,
    came: Notify,
    /// What it does with the next requests; with all others it answers.
    next: Mutex<VecDeque<Answer>>,
    /// How many answers it may send.
    answers: Semaphore,
}

#[derive(Clone, Copy)]
enum Answer {
    TooMany,
    Never,
}

impl Upstream {
    fn new() -> Self {
        Self {
            requests: AtomicUsize::new(0),
            came: Notify::new(),
            next: Mutex::default(),
            answers: Semaphore::new(0),
        }
    }

    async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let route = get(Self::price).with_state(Arc::clone(self));
        let app = Router::new().route("/price/{item}", route);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }

    async fn price(State(this): State<Arc<Self>>, Path(item): Path<u64>) -> Response {
        this.requests.fetch_add(1, Relaxed);
        this.came.notify_waiters();
        let next = this.next.lock().unwrap().pop_front();
        if let Some(Answer::Never) = next {
            pending().await
        }
        this.answers.acquire().await.unwrap().forget();
        match next {
            Some(_) => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "2")]).into_response(),
            None => (100 * item).to_string().into_response(),
        }
    }

    fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.next.lock().unwrap().extend(answers);
    }

    fn answer(&self, requests: usize) {
        self.answers.add_permits(requests);
    }

    /// How many came since this was asked last.
    fn requests(&self) -> usize {
        self.requests.swap(0, Relaxed)
    }
}
