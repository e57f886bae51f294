//! `key = ..`: what a function chooses to be the same.

use crate::support::{Gate, bodies};
use coalesced::coalesce;
use std::sync::Mutex;

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
