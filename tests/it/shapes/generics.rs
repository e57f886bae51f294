//! Generic functions, and those of generic types.

use super::run;
use coalesced::{Group, coalesce};
use std::{borrow::Cow, collections::BTreeMap, fmt::Display, hash::Hash};

#[coalesce]
async fn generic<T, const N: usize>(thing: T, array: [T; N]) -> (T, usize)
where
    T: Hash + Eq + Clone + Send + Sync + 'static,
{
    (thing, array.len())
}

#[coalesce(key = (name.as_ref(), id))]
async fn impl_argument(name: impl AsRef<str>, id: u64, show: &dyn Display) -> String {
    format!("{} {id} {}", name.as_ref(), show.to_string().len())
}

#[coalesce]
async fn lifetimes<'a, 'b: 'a>(first: &'a str, second: &'b [u8], third: &u8) -> usize {
    first.len() + second.len() + usize::from(*third)
}

#[coalesce(key = id)]
async fn impl_return(id: u64) -> impl Display + Clone + Send + Sync + 'static {
    id
}

#[test]
fn generics() {
    assert_eq!(
        run(generic("a".to_owned(), ["b".to_owned()])),
        ("a".to_owned(), 1)
    );
    assert_eq!(run(generic(1, [1, 2])), (1, 2));
    assert_eq!(run(impl_argument("a", 1, &'c')), "a 1 1");
    assert_eq!(run(impl_argument("a".to_owned(), 1, &"dd")), "a 1 2");
    assert_eq!(run(lifetimes("a", b"bc", &3)), 6);
    assert_eq!(run(impl_return(7)).to_string(), "7");
}

struct Repo<T> {
    rows: BTreeMap<u64, T>,
    users: Group<u64, Option<T>>,
}

impl<T: Clone + Send + Sync + 'static> Repo<T> {
    #[coalesce(skip(self))]
    async fn load(&self, id: u64) -> Option<T> {
        self.rows.get(&id).cloned()
    }

    #[coalesce(group = self.users)]
    async fn load_grouped(&self, id: u64) -> Option<T> {
        self.rows.get(&id).cloned()
    }

    #[coalesce]
    async fn count(rows: Vec<u64>) -> Result<usize, Cow<'static, str>> {
        Ok(rows.len())
    }
}

#[test]
fn generic_impls() {
    let repo = Repo {
        rows: BTreeMap::from([(1, "one")]),
        users: Group::new(),
    };
    assert_eq!(run(repo.load(1)), Some("one"));
    assert_eq!(run(repo.load_grouped(2)), None);
    assert_eq!(run(Repo::<u8>::count(vec![1])), Ok(1));
}
