//! Numbers to watch a group by.

use crate::support::{Gate, unwinds};
use coalesced::{Config, Group, Stats, coalesce, groups};
use std::{io, sync::Arc};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};

fn counted(change: impl FnOnce(&mut Stats)) -> Stats {
    let mut stats = Stats::default();
    change(&mut stats);
    stats
}

/// What the group of this function, a hidden one, counted.
fn stats_of(function: &str) -> Stats {
    let all = groups();
    let group = all.iter().find(|group| group.name().ends_with(function));
    group.expect("it has been called").stats()
}

#[test]
fn errors_are_counted_by_body() {
    type Length = Result<usize, String>;

    #[coalesce]
    async fn alias(text: &str) -> Length {
        text.parse().map_err(|_| text.to_owned())
    }

    #[coalesce(share = ok)]
    async fn only_ok(text: &str) -> io::Result<usize> {
        text.parse().map_err(io::Error::other)
    }

    #[coalesce(clone_err = |error: &io::Error| error.kind().into())]
    async fn copied(text: &str) -> io::Result<()> {
        let _ = text.parse::<u8>().map_err(io::Error::other)?;
        Ok(())
    }

    #[coalesce(bypass = true)]
    async fn bypassed(text: &str) -> Length {
        text.parse().map_err(|_| text.to_owned())
    }

    #[coalesce]
    fn blocking(text: &str) -> Length {
        text.parse().map_err(|_| text.to_owned())
    }

    #[coalesce]
    async fn no_result(text: &str) -> Option<usize> {
        text.parse().ok()
    }

    for text in ["7", "seven", "eight"] {
        let _ = assert_ready!(task::spawn(alias(text)).poll());
        let _ = assert_ready!(task::spawn(only_ok(text)).poll());
        let _ = assert_ready!(task::spawn(copied(text)).poll());
        let _ = assert_ready!(task::spawn(bypassed(text)).poll());
        let _ = blocking(text);
        let _ = assert_ready!(task::spawn(no_result(text)).poll());
    }
    for function in ["alias", "only_ok", "copied", "bypassed", "blocking"] {
        let stats = stats_of(&format!("errors_are_counted_by_body::{function}"));
        assert_eq!((stats.calls, stats.errors), (3, 2), "{function}");
    }
    assert_eq!(stats_of("errors_are_counted_by_body::no_result").errors, 0);
}

#[test]
fn an_error_that_many_get_is_one() {
    let group = Group::<u64, Result<u64, String>>::new();
    let gate = Gate::closed();
    let call = || {
        task::spawn(group.call(7, async {
            gate.pass().await;
            Err("no".to_owned())
        }))
    };
    let mut callers = [call(), call(), call()];
    for caller in &mut callers {
        assert_pending!(caller.poll());
    }
    gate.open();
    for caller in &mut callers {
        assert!(assert_ready!(caller.poll()).is_err());
    }
    assert_eq!(group.stats().errors, 1);
}

#[test]
fn panics_are_counted_by_body_also_of_one_that_is_alone() {
    let group = Group::<u64, u64>::new();
    let call = || unwinds(|| task::spawn(group.call(7, async { panic!("of the test") })).poll());
    call();
    group.set_config(Config::disabled());
    call();
    let stats = group.stats();
    assert_eq!((stats.led, stats.alone, stats.panics), (1, 1, 2));
}

#[test]
fn a_reset_leaves_the_gauges_and_no_number_is_wrong_after_it() {
    let group = Group::<u64, u64>::new();
    let gate = Gate::closed();
    let call = |key| {
        task::spawn(group.call(key, async {
            gate.pass().await;
            49
        }))
    };
    let (mut leader, mut follower, mut other) = (call(7), call(7), call(7));
    for caller in [&mut leader, &mut follower, &mut other] {
        assert_pending!(caller.poll());
    }
    group.reset_stats();
    let gauges = |stats: &mut Stats| (stats.in_flight, stats.waiting) = (1, 2);
    assert_eq!(group.stats(), counted(gauges));
    drop(leader);
    assert_pending!(follower.poll());
    let stats = group.stats();
    assert_eq!((stats.calls, stats.abandoned, stats.takeovers), (0, 1, 1));
    assert_eq!(stats.shared_ratio(), 0.0);
    let mut later = call(7);
    assert_pending!(later.poll());
    gate.open();
    assert_eq!(assert_ready!(follower.poll()), 49);
    drop((other, later));
    let expected = counted(|stats| {
        (stats.calls, stats.followed) = (1, 1);
        (stats.takeovers, stats.abandoned) = (1, 1);
    });
    assert_eq!(group.stats(), expected);
    group.reset_stats();
    group.reset_stats();
    assert_eq!(group.stats(), Stats::default());
}

#[test]
fn resets_beside_calls_lose_nothing_but_what_they_reset() {
    let group = Arc::new(Group::<u64, u64>::new());
    let resets = std::thread::spawn({
        let group = Arc::clone(&group);
        move || (0..1_000).for_each(|_| group.reset_stats())
    });
    for key in 0..10_000 {
        task::spawn(group.call(key, async { 49 })).poll().is_ready();
        let stats = group.stats(); // a number below zero panics
        assert!(stats.calls <= key + 1);
        assert_eq!(stats.calls, stats.led);
    }
    resets.join().unwrap();
    group.reset_stats();
    task::spawn(group.call(7, async { 49 })).poll().is_ready();
    assert_eq!(group.stats().led, 1);
}

#[test]
fn a_line_tells_all_of_it() {
    let stats = counted(|stats| {
        (stats.calls, stats.led, stats.followed, stats.alone) = (10, 3, 6, 1);
        (stats.takeovers, stats.abandoned, stats.errors) = (2, 2, 4);
        (stats.panics, stats.in_flight, stats.waiting) = (1, 5, 7);
    });
    assert_eq!(
        stats.to_string(),
        "10 calls: 3 led, 6 followed, 1 alone, 2 took over; 2 abandoned, 4 failed, 1 panicked; \
         5 in flight, 7 waiting"
    );
    assert_eq!(stats.bodies(), 6);
    assert_eq!(stats.shared_ratio(), 0.4);
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "time")]
async fn what_is_in_flight_can_be_seen() {
    use coalesced::InFlight;
    use std::time::Duration;

    let group = Group::<(u64, String), u64>::new();
    let gate = Gate::closed();
    let call = |name: &'static str| {
        task::spawn(group.call((7, name), async {
            gate.pass().await;
            49
        }))
    };
    let mut callers = [call("a"), call("a"), call("a"), call("b")];
    for caller in &mut callers {
        assert_pending!(caller.poll());
    }
    tokio::time::advance(Duration::from_millis(30)).await;
    assert!(group.forget((7, "b")));
    let mut flights = group.flights();
    flights.sort_by(|a, b| a.key.cmp(&b.key));
    let found = |flight: &InFlight<(u64, String)>| (flight.followers, flight.age, flight.displaced);
    assert_eq!(flights[0].key, (7, "a".to_owned()));
    let since_the_first_follower = Some(Duration::from_millis(30));
    assert_eq!(found(&flights[0]), (2, since_the_first_follower, false));
    assert_eq!(flights[1].key, (7, "b".to_owned()));
    assert_eq!(found(&flights[1]), (0, None, true), "nobody ever followed");
    assert_eq!(flights.len(), 2);
    gate.open();
    for caller in &mut callers {
        assert!(caller.poll().is_ready());
    }
    assert_eq!(group.flights(), []);
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "time")]
async fn where_ages_are_limited_they_are_known() {
    use std::time::Duration;

    let group = Group::<u64, u64>::new().with_config(Config::balanced());
    let gate = Gate::closed();
    let mut call = task::spawn(group.call(7, async {
        gate.pass().await;
        49
    }));
    assert_pending!(call.poll());
    tokio::time::advance(Duration::from_millis(30)).await;
    assert_eq!(group.flights()[0].age, Some(Duration::from_millis(30)));
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Secret(u64);

#[coalesce(skip(gate))]
async fn of_many(gate: &Gate, id: u64, name: &str, tag: Option<&str>) -> Result<u64, ()> {
    gate.pass().await;
    Ok(id + name.len() as u64 + tag.map_or(0, |tag| tag.len() as u64))
}

#[coalesce(skip(gate))]
async fn of_a_secret(gate: &Gate, secret: Secret) -> Result<u64, ()> {
    gate.pass().await;
    Ok(secret.0)
}

#[coalesce(skip(gate))]
async fn generic<T: Clone + Eq + std::hash::Hash + Send + Sync + 'static>(
    gate: &Gate,
    of: T,
) -> Result<T, ()> {
    gate.pass().await;
    Ok(of)
}

#[test]
fn keys_are_shown_where_they_can_be() {
    let shown = |function: &str| -> Vec<Option<String>> {
        let all = groups();
        let group = all.iter().find(|group| group.name().ends_with(function));
        let flights = group.expect("it has been called").flights();
        flights.into_iter().map(|flight| flight.key).collect()
    };
    let gate = Gate::closed();
    let mut many = task::spawn(of_many(&gate, 7, "ann", Some("x")));
    let mut secret = task::spawn(of_a_secret(&gate, Secret(7)));
    let mut generic = task::spawn(generic(&gate, 7_u8));
    assert_pending!(many.poll());
    assert_pending!(secret.poll());
    assert_pending!(generic.poll());
    assert_eq!(
        shown("stats::of_many"),
        [Some(r#"(7, "ann", Some("x"))"#.to_owned())]
    );
    assert_eq!(shown("stats::of_a_secret"), [None], "it has no `Debug`");
    assert_eq!(shown("stats::generic<u8>"), [None], "`T` has no `Debug`");
    gate.open();
    assert_ready_ok!(many.poll());
    assert_ready_ok!(secret.poll());
    assert_ready_ok!(generic.poll());
}

/// As a page that shows what is in flight needs it.
#[cfg(feature = "serde")]
#[test]
fn they_can_be_serialized() {
    let group = Group::<u64, u64>::new();
    let mut leader = task::spawn(group.call(7, std::future::pending()));
    assert_pending!(leader.poll());
    let stats = serde_json::to_value(group.stats()).unwrap();
    assert_eq!((&stats["led"], &stats["in_flight"]), (&1.into(), &1.into()));
    let flights = serde_json::to_string(&group.flights()).unwrap();
    assert_eq!(
        flights,
        r#"[{"key":7,"age":null,"followers":0,"displaced":false}]"#
    );
}
