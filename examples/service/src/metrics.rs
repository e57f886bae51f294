//! The endpoint that Prometheus scrapes.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, extract::State, routing::get};
use metrics::{counter, describe_counter, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::interval;

use crate::{failure::Failure, statements};

const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

#[derive(Debug, Clone)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Before the first call, whose metrics would be lost.
    pub(crate) fn install() -> Result<Self, Failure> {
        let failed = |error| Failure::new(format!("can't install the metrics: {error}"));
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(failed)?;
        describe_counter!(
            "database_statements_total",
            "Statements that SQLite ran, by its own count"
        );
        describe_histogram!(
            "http_request_duration_seconds",
            "From a request to its answer"
        );
        let kept = handle.clone();
        tokio::spawn(async move {
            // Histograms keep every value until then.
            let mut ticks = interval(Duration::from_secs(5));
            loop {
                ticks.tick().await;
                kept.run_upkeep();
            }
        });
        Ok(Self(handle))
    }

    /// How many requests of this HTTP layer were not shared, by the reason.
    pub(crate) fn not_shared(&self, layer: &str) -> BTreeMap<String, u64> {
        let text = self.0.render();
        let of_layer = format!("coalesced_not_shared_total{{function=\"{layer}\",reason=\"");
        let counts = text.lines().filter_map(|line| {
            let (reason, count) = line.strip_prefix(&of_layer)?.split_once("\"} ")?;
            Some((reason.to_owned(), count.parse().ok()?))
        });
        counts.collect()
    }

    pub(crate) fn routes(self) -> Router {
        Router::new()
            .route("/metrics", get(render))
            .with_state(self)
    }
}

async fn render(State(Metrics(handle)): State<Metrics>) -> String {
    counter!("database_statements_total").absolute(statements::count());
    handle.render()
}
