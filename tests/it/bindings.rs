//! What a pattern binds by reference, and what an alias hides: how a key is taken is read off the type as it is
//! written, and is right whatever it stands for.

use crate::support::{Gate, bodies};
use coalesced::coalesce;
use std::borrow::Cow;

type Name = &'static str;
type Maybe = Option<&'static str>;
type Text = Cow<'static, str>;

#[test]
fn what_is_bound_by_reference_is_compared_by_what_it_refers_to() {
    #[expect(clippy::toplevel_ref_arg, reason = "it is what is tested")]
    #[coalesce(skip(gate))]
    async fn by_ref(ref id: u64, ref name: String, gate: &Gate) {
        let _ = (id, name);
        gate.pass().await;
    }

    #[coalesce(skip(gate))]
    async fn behind((id, (name, page)): &(u64, (String, Option<u32>)), gate: &Gate) {
        let _ = (id, name, page);
        gate.pass().await;
    }

    let name = || "ann".to_owned();
    assert_eq!(
        bodies!(gate => by_ref(7, name(), gate), by_ref(7, name(), gate), by_ref(8, name(), gate)),
        2
    );
    let [one, again, other] = [None, None, Some(1)].map(|page| (7, (name(), page)));
    assert_eq!(
        bodies!(gate => behind(&one, gate), behind(&again, gate), behind(&other, gate)),
        2
    );
}

#[test]
fn what_an_alias_stands_for_is_compared_by_what_it_borrows() {
    #[coalesce(skip(gate))]
    async fn aliases(name: Name, maybe: Maybe, text: Text, gate: &Gate) {
        let _ = (name, maybe, text);
        gate.pass().await;
    }

    // Equal texts at other places.
    let ann: Name = Box::leak("ann".to_owned().into_boxed_str());
    assert_eq!(
        bodies!(gate =>
            aliases("ann", Some("ann"), "ann".into(), gate),
            aliases(ann, Some(ann), "ann".to_owned().into(), gate),
            aliases(ann, None, "ann".into(), gate),
        ),
        2
    );
}

#[test]
fn optional_and_generic_values_are_compared_as_they_are() {
    #[coalesce(skip(gate))]
    async fn values<T>(id: Option<u64>, names: Option<Vec<String>>, generic: T, gate: &Gate)
    where
        T: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    {
        let _ = (id, names, generic);
        gate.pass().await;
    }

    let names = || Some(vec!["ann".to_owned()]);
    assert_eq!(
        bodies!(gate =>
            values(Some(7), names(), "a", gate),
            values(Some(7), names(), "a", gate),
            values(None, names(), "a", gate),
            values(Some(7), None, "a", gate),
            values(Some(7), names(), "b", gate),
        ),
        4
    );
}
