//! Feature `metrics`: what a Prometheus server would see of a member.

use coalesce_cluster::{Fault, Operation};
use coalesce_runtime::private::across::Verdict::Run;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::{Caller, settle, two};

#[tokio::test(start_paused = true)]
async fn what_is_not_shared_is_counted_and_whether_it_is_connected_is_shown() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let seen = || {
        let exposition = recorder.handle().render();
        let mut samples: Vec<_> = exposition
            .lines()
            .filter(|line| line.starts_with("coalesced_cluster"))
            .map(str::to_owned)
            .collect();
        samples.sort();
        samples
    };
    let (memory, one, other) = two().await;
    let connected = r#"coalesced_cluster_connected{cluster="shop"} 1"#;
    assert_eq!(seen(), [connected]);
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    let not_local = r#"coalesced_cluster_local_total{function="product"} 0"#;
    let not_unshared = r#"coalesced_cluster_unshared_total{function="product"} 0"#;
    assert_eq!(seen(), [connected, not_local, not_unshared]);
    leader.panics();
    assert_eq!(waiter.verdict().await, Run);
    let unshared = r#"coalesced_cluster_unshared_total{function="product"} 1"#;
    assert_eq!(seen(), [connected, not_local, unshared]);
    memory.on_operation(|operation, _| match operation {
        Operation::Begin => Fault::Fail,
        _ => Fault::None,
    });
    let mut alone: Caller<u64> = one.call(8);
    assert_eq!(alone.verdict().await, Run);
    settle().await;
    let away = r#"coalesced_cluster_connected{cluster="shop"} 0"#;
    let local = r#"coalesced_cluster_local_total{function="product"} 1"#;
    assert_eq!(seen(), [away, local, unshared]);
}
