//! What makes two calls the same.

#![expect(clippy::too_many_arguments, reason = "many kinds of them")]

use crate::support::{Gate, bodies};
use coalesced::coalesce;
use std::{borrow::Cow, hash::Hash, path::Path, sync::Arc};

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
