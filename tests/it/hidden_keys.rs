//! Keys that are secrets are not shown to who lists all groups.

use crate::support::Gate;
use coalesced::{Group, coalesce, groups};
use tokio_test::{assert_pending, task};

static SESSIONS: Group<String, ()> = Group::new().named("hidden_keys::sessions").hide_keys();

/// The keys of the group of this name.
fn shown(name: &str) -> Vec<Option<String>> {
    let all = groups();
    let group = all.iter().find(|group| group.name().ends_with(name));
    let flights = group.expect("it has been called").flights();
    flights.into_iter().map(|flight| flight.key).collect()
}

#[test]
fn of_a_function() {
    #[coalesce(skip(gate), hide, name = "hidden_keys::by_option")]
    async fn hidden(gate: &Gate, token: &str) {
        let _ = token;
        gate.pass().await;
    }

    #[coalesce(skip(gate), name = "hidden_keys::not_hidden")]
    async fn shown_as_it_is(gate: &Gate, token: &str) {
        let _ = token;
        gate.pass().await;
    }

    let gate = Gate::closed();
    let mut calls = (
        task::spawn(hidden(&gate, "secret")),
        task::spawn(shown_as_it_is(&gate, "name")),
    );
    assert_pending!(calls.0.poll());
    assert_pending!(calls.1.poll());
    assert_eq!(shown("by_option"), [None]);
    assert_eq!(shown("not_hidden"), [Some("\"name\"".to_owned())]);
}

#[test]
fn of_a_group() {
    #[coalesce(group = SESSIONS, key = token)]
    async fn session(gate: &Gate, token: &str) {
        let _ = token;
        gate.pass().await;
    }

    let gate = Gate::closed();
    let mut call = task::spawn(session(&gate, "secret"));
    assert_pending!(call.poll());
    assert_eq!(shown("hidden_keys::sessions"), [None]);
    assert_eq!(SESSIONS.flights()[0].key, "secret", "for who has the group");
}
