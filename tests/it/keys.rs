//! What makes two calls the same.

#![expect(clippy::too_many_arguments, reason = "many kinds of them")]

use crate::support::{Gate, Noisy, bodies};
use coalesced::{Group, Key, coalesce};
use std::{
    borrow::Cow,
    hash::{Hash, Hasher},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio_test::{assert_pending, task};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Plain,
    Named {
        name: String,
        parts: (u8, Option<Vec<i32>>),
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Id(u64);

#[test]
fn every_argument_by_default() {
    #[coalesce(skip(gate))]
    async fn all(
        gate: &Gate,
        number: u64,
        flag: bool,
        letter: char,
        text: String,
        kind: Kind,
        id: Id,
        bytes: [u8; 3],
    ) {
        let _ = (number, flag, letter, text, kind, id, bytes);
        gate.pass().await;
    }

    let named = || Kind::Named {
        name: "n".into(),
        parts: (1, Some(vec![2, 3])),
    };
    let same = |gate| all(gate, 1, true, 'a', "t".into(), named(), Id(1), [1, 2, 3]);
    assert_eq!(bodies!(gate => same(gate), same(gate)), 1);
    assert_eq!(
        bodies!(gate =>
            same(gate),
            all(gate, 2, true, 'a', "t".into(), named(), Id(1), [1, 2, 3]),
            all(gate, 1, false, 'a', "t".into(), named(), Id(1), [1, 2, 3]),
            all(gate, 1, true, 'b', "t".into(), named(), Id(1), [1, 2, 3]),
            all(gate, 1, true, 'a', "u".into(), named(), Id(1), [1, 2, 3]),
            all(gate, 1, true, 'a', "t".into(), Kind::Plain, Id(1), [1, 2, 3]),
            all(gate, 1, true, 'a', "t".into(), named(), Id(2), [1, 2, 3]),
            all(gate, 1, true, 'a', "t".into(), named(), Id(1), [1, 2, 4]),
        ),
        8
    );
}

#[test]
fn borrowed_arguments_are_compared_by_what_they_borrow() {
    #[coalesce(skip(gate))]
    async fn borrowed(
        gate: &Gate,
        text: &str,
        numbers: &[u32],
        path: &Path,
        maybe: Option<&str>,
        cow: Cow<'_, str>,
        arc: &Arc<str>,
        kind: &Kind,
    ) {
        let _ = (text, numbers, path, maybe, cow, arc, kind);
        gate.pass().await;
    }

    // Each call borrows from its own variables.
    async fn call(gate: &Gate, text: &str, numbers: &[u32], maybe: Option<&str>, owned: bool) {
        let (text, numbers) = (text.to_owned(), numbers.to_vec());
        let cow = if owned {
            Cow::Owned(text.clone())
        } else {
            Cow::Borrowed(text.as_str())
        };
        let (arc, kind) = (Arc::from(text.as_str()), Kind::Plain);
        borrowed(
            gate,
            &text,
            &numbers,
            Path::new(&text),
            maybe,
            cow,
            &arc,
            &kind,
        )
        .await;
    }

    assert_eq!(
        bodies!(gate => call(gate, "a", &[1, 2], Some("x"), true), call(gate, "a", &[1, 2], Some("x"), false)),
        1
    );
    assert_eq!(
        bodies!(gate =>
            call(gate, "a", &[1, 2], Some("x"), true),
            call(gate, "b", &[1, 2], Some("x"), true),
            call(gate, "a", &[1], Some("x"), true),
            call(gate, "a", &[1, 2], Some("y"), true),
            call(gate, "a", &[1, 2], None, true),
        ),
        5
    );
}

#[test]
fn tuples_may_borrow_and_be_nested() {
    #[coalesce(skip(gate))]
    async fn tuple(gate: &Gate, place: (u64, &str, (Option<&str>, Id)), tenant: &(String, u8)) {
        let _ = (place, tenant);
        gate.pass().await;
    }

    async fn call(gate: &Gate, text: &str, maybe: Option<&str>, id: u64) {
        let (text, maybe) = (text.to_owned(), maybe.map(str::to_owned));
        tuple(
            gate,
            (1, &text, (maybe.as_deref(), Id(id))),
            &(text.clone(), 1),
        )
        .await;
    }

    assert_eq!(
        bodies!(gate => call(gate, "a", Some("b"), 1), call(gate, "a", Some("b"), 1)),
        1
    );
    assert_eq!(
        bodies!(gate =>
            call(gate, "a", Some("b"), 1),
            call(gate, "c", Some("b"), 1),
            call(gate, "a", None, 1),
            call(gate, "a", Some("b"), 2),
        ),
        4
    );
}

#[test]
fn more_than_twelve_arguments() {
    #[rustfmt::skip]
    #[coalesce(skip(gate))]
    async fn many(
        gate: &Gate, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8,
        l: u8, m: &str, n: u8, o: u8, p: u8, q: u8, r: u8, s: u8, t: u8, u: u8, v: u8, w: u8,
        x: u8, y: u8, z: &str,
    ) {
        let _ = (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);
        gate.pass().await;
    }

    #[rustfmt::skip]
    let call = |gate, first, middle, last|
        many(gate, first, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, middle, 14, 15, 16, 17, 18, 19, 20,
             21, 22, 23, 24, 25, last);
    assert_eq!(
        bodies!(gate => call(gate, 1, "m", "z"), call(gate, 1, "m", "z")),
        1
    );
    assert_eq!(
        bodies!(gate =>
            call(gate, 1, "m", "z"), call(gate, 0, "m", "z"), call(gate, 1, "n", "z"), call(gate, 1, "m", "y")),
        4
    );
}

#[test]
fn what_a_pattern_does_not_bind_is_not_in_the_key() {
    struct Query {
        page: u32,
        #[expect(dead_code, reason = "that is the point")]
        trace: u32,
    }

    #[coalesce(skip(gate))]
    async fn bound(
        gate: &Gate,
        Query { page: wanted, .. }: Query,
        _: f64,
        (a, _, [b, ..]): (u8, f32, [u8; 3]),
        all @ Id(inner): Id,
    ) {
        let _ = (wanted, a, b, all, inner);
        gate.pass().await;
    }

    let call = |gate, page, trace, a, b, c, id| {
        bound(
            gate,
            Query { page, trace },
            f64::from(trace),
            (a, 0.5, [b, c, c]),
            Id(id),
        )
    };
    assert_eq!(
        bodies!(gate => call(gate, 1, 1, 1, 1, 1, 1), call(gate, 1, 2, 1, 1, 2, 1)),
        1
    );
    assert_eq!(
        bodies!(gate =>
            call(gate, 1, 1, 1, 1, 1, 1),
            call(gate, 2, 1, 1, 1, 1, 1),
            call(gate, 1, 1, 2, 1, 1, 1),
            call(gate, 1, 1, 1, 2, 1, 1),
            call(gate, 1, 1, 1, 1, 1, 2),
        ),
        5
    );
}

/// A name in capitals looks like a constant; it was taken for a unit struct once, and left out.
#[test]
fn an_argument_in_capitals_is_in_the_key() {
    struct Unit;

    #[expect(non_snake_case)]
    #[coalesce(skip(gate, Unit))]
    async fn capitals(gate: &Gate, ID: u64, (X, _): (u64, f64), Unit: Unit) {
        let _ = (ID, X);
        gate.pass().await;
    }

    assert_eq!(
        bodies!(gate =>
            capitals(gate, 1, (1, 0.5), Unit),
            capitals(gate, 1, (1, 0.6), Unit),
            capitals(gate, 2, (1, 0.5), Unit),
            capitals(gate, 1, (2, 0.5), Unit),
        ),
        3
    );
}

#[test]
fn a_chosen_key_is_taken_apart_like_an_automatic_one() {
    struct Page {
        name: String,
        number: u64,
    }

    impl Page {
        fn name(&self) -> &str {
            &self.name
        }
    }

    #[coalesce(key = (pair, (page.number, (page.name, page.name())), &text, (text,)))]
    async fn nested(gate: &Gate, pair: (u64, &str), page: Page, text: &str) {
        let _ = (pair, page, text);
        gate.pass().await;
    }

    #[coalesce(key = pair)]
    async fn whole(gate: &Gate, pair: (u64, &str), single: (&str,)) {
        let _ = (pair, single);
        gate.pass().await;
    }

    #[coalesce(skip(gate))]
    async fn single(gate: &Gate, single: (&str,)) {
        let _ = single;
        gate.pass().await;
    }

    async fn call(gate: &Gate, pair: (u64, &str), name: &str, text: &str) {
        let (owned, name, text) = (pair.1.to_owned(), name.to_owned(), text.to_owned());
        nested(gate, (pair.0, &owned), Page { name, number: 1 }, &text).await;
    }

    assert_eq!(
        bodies!(gate =>
            call(gate, (1, "a"), "b", "c"),
            call(gate, (1, "a"), "b", "c"),
            call(gate, (1, "x"), "b", "c"),
            call(gate, (1, "a"), "x", "c"),
            call(gate, (1, "a"), "b", "x"),
        ),
        4
    );
    assert_eq!(
        bodies!(gate => whole(gate, (1, "a"), ("b",)), whole(gate, (1, "a"), ("c",)), whole(gate, (1, "b"), ("b",))),
        2
    );
    assert_eq!(
        bodies!(gate => single(gate, ("a",)), single(gate, ("a",)), single(gate, ("b",))),
        2
    );
}

#[test]
fn no_argument_is_one_key() {
    #[coalesce(skip(gate))]
    async fn none(gate: &Gate) {
        gate.pass().await;
    }

    assert_eq!(bodies!(gate => none(gate), none(gate)), 1);
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Tenant {
    name: String,
}

impl Tenant {
    fn name(&self) -> &str {
        &self.name
    }

    #[coalesce(skip(gate))]
    async fn with_self(&self, gate: &Gate, id: u64) {
        let _ = id;
        gate.pass().await;
    }

    #[coalesce(skip(self, gate))]
    async fn without_self(&self, gate: &Gate, id: u64) {
        let _ = id;
        gate.pass().await;
    }

    #[coalesce(key = (self.name(), id))]
    async fn chosen(&self, gate: &Gate, id: u64, trace: f64) {
        let _ = (id, trace);
        gate.pass().await;
    }

    #[coalesce(skip(gate))]
    async fn by_value(self, gate: &Gate) {
        gate.pass().await;
    }

    #[coalesce(skip(gate))]
    async fn by_arc(self: Arc<Self>, gate: &Gate) {
        gate.pass().await;
    }
}

#[test]
fn the_receiver_is_an_argument_like_any_other() {
    let [a, same, b] = ["a", "a", "b"].map(|name| Tenant {
        name: name.to_owned(),
    });
    assert_eq!(
        bodies!(gate => a.with_self(gate, 1), same.with_self(gate, 1), b.with_self(gate, 1), b.with_self(gate, 2)),
        3
    );
    assert_eq!(
        bodies!(gate => a.without_self(gate, 1), same.without_self(gate, 1), b.without_self(gate, 1)),
        1
    );
    assert_eq!(
        bodies!(gate => a.chosen(gate, 1, 0.1), same.chosen(gate, 1, 0.2), b.chosen(gate, 1, 0.1)),
        2
    );
    assert_eq!(
        bodies!(gate => a.clone().by_value(gate), same.clone().by_value(gate), b.clone().by_value(gate)),
        2
    );
    let arc = |tenant: &Tenant| Arc::new(tenant.clone());
    assert_eq!(
        bodies!(gate => arc(&a).by_arc(gate), arc(&same).by_arc(gate), arc(&b).by_arc(gate)),
        2
    );
}

#[test]
fn a_key_of_ones_own_choice() {
    #[coalesce(key = format!("user:{id}"))]
    async fn formatted(gate: &Gate, id: u64, trace: f64) {
        let _ = trace;
        gate.pass().await;
    }

    #[coalesce(key = price.to_bits())]
    async fn float(gate: &Gate, price: f64) {
        let _ = price;
        gate.pass().await;
    }

    #[coalesce(key = (names[0], { names.len() }, if *flag { 1 } else { 2 }, -number, number as u8))]
    async fn any(gate: &Gate, names: &[&str], flag: &bool, number: i32) {
        let _ = (names, flag, number);
        gate.pass().await;
    }

    #[coalesce(key = text.trim().split('/').next()?)]
    async fn early(gate: &Gate, text: &str) -> Option<()> {
        let _ = text;
        gate.pass().await;
        Some(())
    }

    // The lock is held while the key is looked up, and not while the body runs.
    #[coalesce(key = names.lock().unwrap()[*index])]
    async fn locked(gate: &Gate, names: &Mutex<Vec<&'static str>>, index: &usize) {
        drop(names.lock());
        gate.pass().await;
    }

    assert_eq!(
        bodies!(gate => formatted(gate, 1, 0.1), formatted(gate, 1, 0.2), formatted(gate, 2, 0.1)),
        2
    );
    assert_eq!(
        bodies!(gate => float(gate, 0.1), float(gate, 0.1), float(gate, 0.2)),
        2
    );
    assert_eq!(
        bodies!(gate =>
            any(gate, &["a", "b"], &true, 1),
            any(gate, &["a", "c"], &true, 1),
            any(gate, &["a"], &true, 1),
            any(gate, &["a", "b"], &false, 1),
            any(gate, &["a", "b"], &true, 2),
        ),
        4
    );
    async fn unit(call: impl Future<Output = Option<()>>) {
        call.await;
    }
    assert_eq!(
        bodies!(gate => unit(early(gate, " a/b")), unit(early(gate, "a/c")), unit(early(gate, "b"))),
        2
    );
    let names = Mutex::new(vec!["a", "b", "a"]);
    let gate = Gate::opened();
    let call = locked(&gate, &names, &0);
    fn is_send<T: Send>(_: &T) {}
    is_send(&call);
    drop(call);
    assert_eq!(
        bodies!(gate => locked(gate, &names, &0), locked(gate, &names, &1), locked(gate, &names, &2)),
        2
    );
}

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
