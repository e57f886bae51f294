//! What an operator is told, and that it is told once.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use coalesce_cluster::{Fault, Operation};
use coalesce_runtime::private::across::Verdict::Run;
use coalesced::Group;
use tokio::{sync::Notify, time::sleep};
use tracing::{Event, Subscriber, field::Field, span, subscriber::DefaultGuard};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*};

use crate::support::{Caller, Process, settle, two};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            if field.name() == "message" {
                line = format!("{line} {value:?}");
            }
        });
        self.0.lock().unwrap().push(line);
    }
}

impl Lines {
    fn listen() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let guard = Registry::default().with(lines.clone()).set_default();
        (lines, guard)
    }

    /// What was told since.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn that_the_engine_goes_and_is_back_is_told_once_each() {
    let (lines, _guard) = Lines::listen();
    let (memory, one, _) = two().await;
    assert_eq!(lines.take(), ["INFO the cluster shop is connected"; 2]);
    memory.on_operation(|_, member| {
        if member == 0 {
            Fault::Fail
        } else {
            Fault::None
        }
    });
    one.leads(7).await;
    sleep(Duration::from_secs(40)).await;
    let away =
        "WARN the cluster shop is away, flights are shared in this process only: the test says so";
    assert_eq!(lines.take(), [away]);
    memory.on_operation(|_, _| Fault::None);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(
        lines.take(),
        ["WARN the cluster shop is back: flights are shared again"]
    );
}

#[tokio::test(start_paused = true)]
async fn that_a_name_is_refused_is_told_once() {
    let (_memory, one, _) = two().await;
    let (lines, _guard) = Lines::listen();
    let _leader = one.leads(7).await;
    for _ in 0..3 {
        assert_eq!(
            Caller::<String>::of(one.product(), &7, false)
                .verdict()
                .await,
            Run
        );
    }
    let told = lines.take();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("ERROR the name \"product\" is that of app::product, which gives u64"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn that_two_leases_in_a_row_run_out_on_one_key_is_told() {
    let (memory, one, other) = two().await;
    let (lines, _guard) = Lines::listen();
    memory.on_operation(|operation, _| {
        if operation == Operation::Renew {
            Fault::Lose
        } else {
            Fault::None
        }
    });
    let _first = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    memory.expire();
    let _second = one.leads(7).await;
    sleep(Duration::from_millis(1200)).await;
    waiter.asks().await;
    assert_eq!(lines.take(), Vec::<String>::new());
    memory.expire();
    assert_eq!(waiter.verdict().await, Run);
    settle().await;
    let told = lines.take();
    assert!(
        told.iter()
            .any(|line| line.starts_with("WARN two leases in a row have run out")),
        "{told:?}"
    );
}

/// The tokens that callers' spans have, in order.
#[derive(Clone, Default)]
struct Tokens(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Tokens {
    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut |field: &Field, value: &dyn Debug| {
            if field.name() == "token" {
                self.0.lock().unwrap().push(format!("{value:?}"));
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn the_spans_of_a_flight_have_one_token_in_all_members() {
    let tokens = Tokens::default();
    let _guard = Registry::default().with(tokens.clone()).set_default();
    let (_memory, one, other) = two().await;
    let answers = Notify::new();
    let group = |process: Process| {
        let across = process.cluster.across("price");
        Group::<u64, u64, _>::new().named("price").across(across)
    };
    let groups = [group(one), group(other)];
    let body = || async {
        answers.notified().await;
        700
    };
    let mut leader = tokio_test::task::spawn(groups[0].call(7, body()));
    let mut waiter = tokio_test::task::spawn(groups[1].call(7, body()));
    for _ in 0..2 {
        for caller in [&mut leader, &mut waiter] {
            assert!(caller.poll().is_pending());
            settle().await;
        }
    }
    answers.notify_waiters();
    assert_eq!((leader.await, waiter.await), (700, 700));
    let tokens = tokens.0.lock().unwrap();
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    assert_eq!((&tokens[0], tokens[0].len()), (&tokens[1], 32));
}
