//! Feature `metrics`: what a Prometheus server would see.

use crate::support::{Gate, unwinds};
use coalesced::{Config, Group};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio_test::{assert_pending, assert_ready, task};

/// What is exposed after these calls, without help and types and without what depends on the time.
pub(crate) fn exposed(calls: impl FnOnce()) -> Vec<String> {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, calls);
    let exposition = recorder.handle().render();
    let mut samples: Vec<_> = exposition
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter(|line| !line.contains("_sum{") && !line.contains("quantile="))
        .map(str::to_owned)
        .collect();
    samples.sort();
    samples
}

#[test]
fn every_event_has_its_metric() {
    let samples = exposed(|| {
        let group = Group::<u64, Result<u64, ()>>::new().named("users");
        let gate = Gate::closed();
        let call = |key| {
            task::spawn(group.call(key, async {
                gate.pass().await;
                Err(())
            }))
        };
        let (mut leader, mut follower, mut other) = (call(7), call(7), call(7));
        for caller in [&mut leader, &mut follower, &mut other] {
            assert_pending!(caller.poll());
        }
        drop(leader);
        assert_pending!(follower.poll());
        gate.open();
        assert!(assert_ready!(follower.poll()).is_err());
        assert!(assert_ready!(other.poll()).is_err());
        unwinds(|| task::spawn(group.call(8, async { panic!("of the test") })).poll());
        group.set_config(Config::disabled());
        let _ = assert_ready!(call(9).poll());
    });
    let expected = [
        r#"coalesced_abandoned_total{function="users"} 1"#,
        r#"coalesced_calls_total{function="users",role="alone"} 1"#,
        r#"coalesced_calls_total{function="users",role="follower"} 2"#,
        r#"coalesced_calls_total{function="users",role="leader"} 2"#,
        r#"coalesced_errors_total{function="users"} 2"#,
        r#"coalesced_in_flight{function="users"} 0"#,
        r#"coalesced_panics_total{function="users"} 1"#,
        // The leader that was dropped, the follower that took over, the one that panicked, the one alone.
        r#"coalesced_run_seconds_count{function="users"} 4"#,
        r#"coalesced_takeovers_total{function="users"} 1"#,
        r#"coalesced_wait_seconds_count{function="users"} 2"#,
        r#"coalesced_waiting{function="users"} 0"#,
    ];
    assert_eq!(samples, expected);
}

#[test]
fn gauges_rise_and_fall_also_where_the_recorder_comes_late() {
    let group = Group::<u64, u64>::new().named("late");
    let gate = Gate::closed();
    let call = |key| {
        task::spawn(group.call(key, async {
            gate.pass().await;
            49
        }))
    };
    let mut before = [call(1), call(1), call(2)];
    for caller in &mut before {
        assert_pending!(caller.poll());
    }
    let gauges = |calls: &mut dyn FnMut()| -> Vec<String> {
        let samples = exposed(calls).into_iter();
        let gauge = |line: &String| line.contains("in_flight") || line.contains("waiting");
        samples.filter(gauge).collect()
    };
    let mut later = [call(1), call(3)];
    let up = gauges(&mut || {
        later
            .iter_mut()
            .for_each(|call| assert!(call.poll().is_pending()))
    });
    assert_eq!(
        up,
        [
            r#"coalesced_in_flight{function="late"} 3"#,
            r#"coalesced_waiting{function="late"} 2"#
        ]
    );
    gate.open();
    let down = gauges(&mut || {
        for caller in before.iter_mut().chain(&mut later) {
            assert_eq!(assert_ready!(caller.poll()), 49);
        }
    });
    assert_eq!(
        down,
        [
            r#"coalesced_in_flight{function="late"} 0"#,
            r#"coalesced_waiting{function="late"} 0"#
        ]
    );
}

#[test]
fn a_recorder_that_panics_hurts_nobody() {
    struct Panics;

    impl metrics::Recorder for Panics {
        fn describe_counter(
            &self,
            _: metrics::KeyName,
            _: Option<metrics::Unit>,
            _: metrics::SharedString,
        ) {
            panic!("of the test")
        }

        fn describe_gauge(
            &self,
            _: metrics::KeyName,
            _: Option<metrics::Unit>,
            _: metrics::SharedString,
        ) {
            panic!("of the test")
        }

        fn describe_histogram(
            &self,
            _: metrics::KeyName,
            _: Option<metrics::Unit>,
            _: metrics::SharedString,
        ) {
            panic!("of the test")
        }

        fn register_counter(
            &self,
            _: &metrics::Key,
            _: &metrics::Metadata<'_>,
        ) -> metrics::Counter {
            panic!("of the test")
        }

        fn register_gauge(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
            panic!("of the test")
        }

        fn register_histogram(
            &self,
            _: &metrics::Key,
            _: &metrics::Metadata<'_>,
        ) -> metrics::Histogram {
            panic!("of the test")
        }
    }

    metrics::with_local_recorder(&Panics, || {
        let group = Group::<u64, u64>::new();
        let gate = Gate::closed();
        let call = || {
            task::spawn(group.call(7, async {
                gate.pass().await;
                49
            }))
        };
        let (mut leader, mut follower, mut other) = (call(), call(), call());
        for caller in [&mut leader, &mut follower, &mut other] {
            assert_pending!(caller.poll());
        }
        drop(leader);
        assert_pending!(follower.poll());
        gate.open();
        assert_eq!(assert_ready!(follower.poll()), 49);
        assert_eq!(assert_ready!(other.poll()), 49);
        assert_eq!(group.in_flight(), 0);
    });
}
