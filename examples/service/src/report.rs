//! A route whose responses are shared as a whole, by the HTTP layer: the handler knows nothing of it.
//!
//! A report is for anybody, and says so. A draft of it says that it is its reader's alone; and who signs in, by a
//! cookie, is left alone by the layer before anything runs.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Query, State},
    http::{
        HeaderName, Request,
        header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE},
    },
    routing::get,
};
use coalesced::tower::{HttpCoalesceLayer, http::HttpGroup};
use serde::{Deserialize, Serialize};

use crate::{database::Database, error::Error, metrics::Metrics};

pub(crate) const PATH: &str = "/report";

/// Why the layer looks a request not even up: it is no call of its group.
const LEFT_ALONE: [&str; 3] = ["request", "override", "credentials"];

/// The route, and what its layer did, as the library says.
#[derive(Debug)]
pub(crate) struct Report {
    /// Made with the app, and no static: another app has fetches of its own.
    fetches: HttpGroup,
    metrics: Metrics,
    /// The counters at the last reset.
    before: Mutex<BTreeMap<String, u64>>,
}

/// What the layer did with the requests of the route.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    route: &'static str,
    /// Who still waits for a response is not among them.
    asked: u64,
    ran: u64,
    /// No handler ran for so many.
    shared: u64,
    /// Fetches of the layer.
    in_flight: u64,
    /// How often something was not shared, and why, as the library's counter says.
    reasons: BTreeMap<String, u64>,
}

impl Report {
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self {
            fetches: HttpGroup::new().named("report"),
            metrics,
            before: Mutex::default(),
        }
    }

    pub(crate) fn routes(&self, database: Database) -> Router {
        Router::new()
            .route(PATH, get(report))
            .layer(HttpCoalesceLayer::new().group(&self.fetches))
            .with_state(database)
    }

    pub(crate) fn figures(&self) -> Figures {
        let stats = self.fetches.stats();
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |(reason, count): (String, u64)| {
            let count = count - before.get(&reason).copied().unwrap_or(0);
            (count > 0).then_some((reason, count))
        };
        let reasons: BTreeMap<_, _> = self.reasons().into_iter().filter_map(since).collect();
        let left_alone = LEFT_ALONE.iter().filter_map(|reason| reasons.get(*reason));
        let ran = stats.bodies() + left_alone.sum::<u64>();
        let shared = stats
            .followed
            .saturating_sub(stats.waiting + stats.takeovers);
        Figures {
            route: PATH,
            asked: ran + shared,
            ran,
            shared,
            in_flight: stats.in_flight,
            reasons,
        }
    }

    /// Counts from now on.
    pub(crate) fn reset(&self) {
        self.fetches.reset_stats();
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = self.reasons();
    }

    fn reasons(&self) -> BTreeMap<String, u64> {
        self.metrics.not_shared(self.fetches.name())
    }
}

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    draft: bool,
}

/// What is sold best, as a table for a spreadsheet.
async fn report(
    State(database): State<Database>,
    Query(Wish { draft }): Query<Wish>,
) -> Result<([(HeaderName, &'static str); 2], String), Error> {
    let mut table = String::from("product,sold\n");
    for product in database.season().await? {
        writeln!(table, "{},{}", product.name, product.sold).expect("a string takes all");
    }
    // Without this, or `share_unmarked` at the layer, nothing would be shared.
    let for_whom = if draft { "private" } else { "public" };
    let headers = [(CACHE_CONTROL, for_whom), (CONTENT_TYPE, "text/csv")];
    Ok((headers, table))
}

/// Who asks for the report, as the page's buttons have it asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reader {
    Anybody,
    SignedIn,
    Draft,
}

/// A request of such a reader.
pub(crate) fn request(reader: Reader) -> Request<String> {
    let (path, cookie) = match reader {
        Reader::Anybody => (PATH, None),
        Reader::SignedIn => (PATH, Some("session=7")),
        Reader::Draft => ("/report?draft=true", None),
    };
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    request.body(String::new()).expect("it is a path")
}
