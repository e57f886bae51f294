//! What a flight is looked up by: any borrowed form of its key, hashed once, and owned by who leads alone.

use crate::support::{Gate, Noisy, bodies};
use coalesced::{Group, Key, coalesce};
use std::{
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, task};

#[test]
fn a_key_is_evaluated_and_hashed_once_and_followers_do_not_clone_it() {
    let (hashes, clones) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&hashes), Arc::clone(&clones));
    let key = Noisy::new(7, move |what| match what {
        "hash" => drop(counts.0.fetch_add(1, SeqCst)),
        "clone" => drop(counts.1.fetch_add(1, SeqCst)),
        _ => {}
    });

    #[coalesce(skip(gate))]
    async fn noisy(gate: &Gate, key: &Noisy) {
        let _ = key;
        gate.pass().await;
    }

    assert_eq!(
        bodies!(gate => noisy(gate, &key), noisy(gate, &key), noisy(gate, &key)),
        1
    );
    assert_eq!((hashes.load(SeqCst), clones.load(SeqCst)), (3, 1));
}

#[test]
fn borrowed_forms_meet_in_one_flight() {
    let group = Group::<(u64, String), ()>::new();
    let owned = (7, "a".to_owned());
    let strings = Group::<String, ()>::new();
    let texts = "a".to_owned();
    let lists = Group::<Vec<u8>, ()>::new();
    let options = Group::<Option<String>, ()>::new();
    let (list, some) = (vec![1, 2], Some("a".to_owned()));
    assert_eq!(
        bodies!(gate =>
            group.call((7, "a"), gate.pass()),
            group.call(&owned, gate.pass()),
            group.call((&7, &texts), gate.pass()),
            group.call((7, "a".to_owned()), gate.pass()),
        ),
        1
    );
    assert_eq!(
        bodies!(gate =>
            strings.call("a", gate.pass()),
            strings.call(&texts, gate.pass()),
            strings.call(texts.clone(), gate.pass()),
        ),
        1
    );
    assert_eq!(
        bodies!(gate => lists.call(&[1, 2][..], gate.pass()), lists.call(&list, gate.pass())),
        1
    );
    assert_eq!(
        bodies!(gate =>
            options.call(Some("a"), gate.pass()),
            options.call(&some, gate.pass()),
            options.call(None::<&str>, gate.pass()),
        ),
        2
    );
}

#[test]
fn an_annotated_function_and_forget_agree_about_keys() {
    static GROUP: Group<(u64, String, Option<String>), ()> = Group::new();

    #[coalesce(group = GROUP, skip(gate))]
    async fn fetch(gate: &Gate, id: u64, name: &str, alias: Option<&str>) {
        let _ = (id, name, alias);
        gate.pass().await;
    }

    let gate = Gate::closed();
    let mut old = task::spawn(fetch(&gate, 7, "a", Some("b")));
    assert_pending!(old.poll());
    assert!(!GROUP.forget((7, "a", None::<&str>)));
    assert!(GROUP.forget((7, "a", Some("b"))));
    let mut new = task::spawn(fetch(&gate, 7, "a", Some("b")));
    assert_pending!(new.poll());
    assert_eq!(gate.bodies_started(), 2);
}

/// A borrowed form that [`ToOwned`] does not know.
struct Reversed<'a>(&'a str);

impl Key<String> for Reversed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Hash::hash(&self.to_key(), state);
    }

    fn matches(&self, key: &String) -> bool {
        self.0.chars().rev().eq(key.chars())
    }

    fn to_key(&self) -> String {
        self.0.chars().rev().collect()
    }

    fn same(a: &String, b: &String) -> bool {
        a == b
    }

    fn again(key: &String) -> String {
        key.clone()
    }
}

#[test]
fn a_borrowed_form_of_ones_own() {
    let group = Group::<String, ()>::new();
    assert_eq!(
        bodies!(gate => group.call(Reversed("abc"), gate.pass()), group.call("cba", gate.pass())),
        1
    );
}
