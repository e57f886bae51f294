//! Who shares with whom where a key is written as a refusal offers it, or an argument is taken by what it gives.

use crate::support::{Gate, bodies};
use coalesced::{Registry, coalesce};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

#[test]
fn floats_are_told_apart_by_their_bits() {
    #[coalesce(key = (symbol, price.to_bits()))]
    async fn one(symbol: &str, price: f64, gate: &Gate) {
        let _ = (symbol, price);
        gate.pass().await;
    }

    #[coalesce(key = (prices.iter().map(|it| it.to_bits()).collect::<Vec<_>>(), limit.map(f32::to_bits)))]
    async fn many(prices: &[f64], limit: Option<f32>, gate: &Gate) {
        let _ = (prices, limit);
        gate.pass().await;
    }

    assert_eq!(bodies!(gate => one("a", 0.5, gate), one("a", 0.5, gate)), 1);
    assert_eq!(
        bodies!(gate => one("a", f64::NAN, gate), one("a", f64::NAN, gate)),
        1
    );
    assert_eq!(
        bodies!(gate => one("a", 0.5, gate), one("a", 0.25, gate), one("b", 0.5, gate)),
        3
    );
    assert_eq!(
        bodies!(gate => many(&[0.5], None, gate), many(&[0.5], None, gate)),
        1
    );
    assert_eq!(
        bodies!(gate =>
            many(&[0.5, 0.5], None, gate),
            many(&[0.5], None, gate),
            many(&[0.5], Some(0.0), gate),
        ),
        3
    );
}

#[test]
fn maps_are_told_apart_by_what_is_in_them() {
    #[coalesce(key = map.clone().into_iter().collect::<BTreeMap<_, _>>())]
    async fn filter(map: &HashMap<u64, u64>, gate: &Gate) {
        let _ = map;
        gate.pass().await;
    }

    let (forth, back): (HashMap<_, _>, HashMap<_, _>) = (
        (0..99).map(|n| (n, n)).collect(),
        (0..99).rev().map(|n| (n, n)).collect(),
    );
    let none = HashMap::new();
    assert_eq!(
        bodies!(gate => filter(&forth, gate), filter(&back, gate)),
        1
    );
    assert_eq!(
        bodies!(gate => filter(&forth, gate), filter(&none, gate)),
        2
    );
}

#[test]
fn what_is_only_referred_to_is_taken_by_what_it_gives() {
    #[coalesce(skip(gate))]
    async fn text(text: impl AsRef<str>, gate: &Gate) {
        let _ = text.as_ref();
        gate.pass().await;
    }

    #[coalesce(key = (id, path))]
    async fn path<P: AsRef<Path>>(id: u64, path: &P, gate: &Gate) {
        let _ = (id, path.as_ref());
        gate.pass().await;
    }

    assert_eq!(bodies!(gate => text("a", gate), text("a", gate)), 1);
    assert_eq!(bodies!(gate => text("a", gate), text("b", gate)), 2);
    let [a, again, b] = ["a", "a", "b"].map(PathBuf::from);
    assert_eq!(bodies!(gate => path(7, &a, gate), path(7, &again, gate)), 1);
    assert_eq!(
        bodies!(gate => path(7, &a, gate), path(7, &b, gate), path(8, &a, gate)),
        3
    );
}

#[test]
fn a_key_is_computed_where_the_arguments_are() {
    #[coalesce(key = format!("user:{id}"))]
    async fn formatted(id: u64, gate: &Gate) {
        let _ = id;
        gate.pass().await;
    }

    #[coalesce(key = ())]
    async fn one_for_all(id: u64, gate: &Gate) {
        let _ = id;
        gate.pass().await;
    }

    assert_eq!(
        bodies!(gate => formatted(7, gate), formatted(7, gate), formatted(8, gate)),
        2
    );
    assert_eq!(
        bodies!(gate => one_for_all(7, gate), one_for_all(8, gate)),
        1
    );
}

#[test]
fn a_registry_keeps_owners_apart_that_are_no_keys() {
    struct Users<'g> {
        gate: &'g Gate,
        calls: Registry,
    }

    impl Users<'_> {
        #[coalesce(registry = self.calls)]
        async fn by_id(&self, id: u64) {
            let _ = id;
            self.gate.pass().await;
        }

        #[coalesce(registry = self.calls)]
        async fn by_name(&self, name: &str) {
            let _ = name;
            self.gate.pass().await;
        }
    }

    fn two(gate: &Gate) -> [Users<'_>; 2] {
        [(); 2].map(|()| Users {
            gate,
            calls: Registry::new(),
        })
    }

    macro_rules! bodies_of_two {
        ($one:ident, $other:ident => $($call:expr),+) => {
            bodies!(gate => async {
                let [$one, $other] = two(gate);
                futures::join!($($call),+);
            })
        };
    }

    assert_eq!(bodies_of_two!(one, _other => one.by_id(7), one.by_id(7)), 1);
    assert_eq!(
        bodies_of_two!(one, other => one.by_id(7), other.by_id(7)),
        2
    );
    assert_eq!(
        bodies_of_two!(one, _other => one.by_id(7), one.by_name("a"), one.by_name("a")),
        2
    );
}
