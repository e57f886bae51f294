//! The shapes of functions that the attribute goes on, under the strictest lints.

#![deny(warnings, clippy::all, clippy::pedantic)]
#![expect(
    clippy::double_must_use,
    clippy::unnecessary_to_owned,
    reason = "shapes, not sense"
)]

use coalesced::{Group, coalesce};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{Debug, Display},
    hash::Hash,
    pin::Pin,
    rc::Rc,
    sync::Arc,
};

fn run<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Service {
    name: String,
}

impl Service {
    #[coalesce]
    async fn by_reference(&self, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_value(self, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_mutable_value(mut self, mut id: u64) -> String {
        self.name.push('!');
        id += 1;
        format!("{} {id}", self.name)
    }

    #[coalesce(skip(self))]
    async fn by_mutable_reference(&mut self, id: u64) -> u64 {
        self.name.clear();
        id
    }

    #[coalesce]
    async fn by_arc(self: Arc<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_reference_to_arc(self: &Arc<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn by_box(self: Box<Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce(skip(self))]
    async fn by_rc(self: Rc<Self>, id: u64) -> u64 {
        id
    }

    #[coalesce(key = id)]
    async fn by_pin(self: Pin<&Self>, id: u64) -> String {
        format!("{} {id}", self.name)
    }

    #[coalesce]
    async fn associated(id: u64) -> Self {
        Self {
            name: id.to_string(),
        }
    }
}

#[test]
fn receivers() {
    let service = || Service {
        name: "s".to_owned(),
    };
    assert_eq!(run(service().by_reference(1)), "s 1");
    assert_eq!(run(service().by_value(1)), "s 1");
    assert_eq!(run(service().by_mutable_value(1)), "s! 2");
    assert_eq!(run(service().by_mutable_reference(1)), 1);
    assert_eq!(run(Arc::new(service()).by_arc(1)), "s 1");
    assert_eq!(run(Arc::new(service()).by_reference_to_arc(1)), "s 1");
    assert_eq!(run(Box::new(service()).by_box(1)), "s 1");
    assert_eq!(run(Rc::new(service()).by_rc(1)), 1);
    assert_eq!(run(Pin::new(&service()).by_pin(1)), "s 1");
    assert_eq!(run(Service::associated(1)).name, "1");
}

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

trait Store {
    fn table(&self) -> &'static str;

    #[coalesce(key = (self.table(), id))]
    async fn fetch(&self, id: u64) -> String {
        format!("{} {id}", self.table())
    }

    async fn required(&self, id: u64) -> u64;
}

struct Users;
struct Orders;

impl Store for Users {
    fn table(&self) -> &'static str {
        "users"
    }

    #[coalesce(skip(self))]
    async fn required(&self, id: u64) -> u64 {
        id
    }
}

impl Store for Orders {
    fn table(&self) -> &'static str {
        "orders"
    }

    #[coalesce(skip(self))]
    async fn fetch(&self, id: u64) -> String {
        id.to_string()
    }

    #[coalesce(skip(self))]
    async fn required(&self, id: u64) -> u64 {
        id + 1
    }
}

#[test]
fn traits() {
    assert_eq!(run(Users.fetch(1)), "users 1");
    assert_eq!(run(Orders.fetch(1)), "1");
    assert_eq!((run(Users.required(1)), run(Orders.required(1))), (1, 2));
}

macro_rules! function {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($argument:ident: $ty:ty),*) -> $ret:ty $body:block) => {
        $(#[$attr])*
        #[coalesce]
        $vis async fn $name($($argument: $ty),*) -> $ret $body
    };
}

macro_rules! wrapped {
    ($name:ident, $key:expr, $argument:ident: $ty:ty, $ret:ty, $body:block) => {
        #[coalesce(key = $key)]
        async fn $name($argument: $ty) -> $ret {
            $body
        }
    };
}

static GROUP: Group<u64, u64> = Group::new();

macro_rules! grouped {
    ($by_path:ident, $by_expr:ident, $path:path, $expr:expr) => {
        #[coalesce(group = $path)]
        async fn $by_path(id: u64) -> u64 {
            id
        }

        #[coalesce(group = ($expr))]
        async fn $by_expr(id: u64) -> u64 {
            id
        }
    };
}

grouped!(by_path, by_expr, GROUP, GROUP);

macro_rules! method {
    ($name:ident, $body:expr) => {
        #[coalesce(skip(self))]
        async fn $name(&self, id: u64) -> u64 {
            $body + id
        }
    };
}

function!(
    /// With docs.
    pub(crate) fn made(id: u64, name: &str) -> usize {
        name.len() + usize::try_from(id).unwrap_or(0)
    }
);

wrapped!(made_of_block, (id, 1), id: u64, u64, { id });

impl Users {
    method!(made_of_expression, 2 * 3);
}

#[test]
fn made_by_macros() {
    assert_eq!(run(made(1, "ab")), 3);
    assert_eq!(run(made_of_block(1)), 1);
    assert_eq!((run(by_path(1)), run(by_expr(1))), (1, 1));
    assert_eq!(GROUP.stats().led, 2);
    assert_eq!(run(Users.made_of_expression(1)), 7);
}

/// # Safety
///
/// None is needed.
#[coalesce]
async unsafe fn not_safe(id: u64) -> u64 {
    id
}

/// An error.
///
/// # Errors
///
/// When the text is no number.
#[coalesce]
#[must_use]
#[inline]
pub(crate) async fn attributes(text: &str) -> Result<u64, String> {
    #![allow(unused_variables)]
    let unused = 1;
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    let number = text.parse::<u64>().map_err(|error| error.to_string())?;
    Ok(number)
}

#[coalesce]
async fn conditional(
    #[cfg(not(unix))] handle: u32,
    id: u64,
    #[cfg(any(unix, windows))] name: &str,
    #[cfg(target_os = "none")] nothing: f64,
) -> usize {
    let _ = id;
    name.len()
}

#[coalesce]
async fn nothing() {}

#[coalesce]
async fn never(id: u64) -> ! {
    let _ = id;
    std::future::pending().await
}

#[coalesce]
async fn inner_docs(id: u64) -> u64 {
    //! Docs may stand inside.
    #![allow(dead_code)]
    const ONE: u64 = 1;
    id
}

#[coalesce]
async fn tail_macro(id: u64) -> String {
    format!("{id}")
}

#[coalesce]
async fn r#type(r#match: u64) -> u64 {
    r#match
}

#[coalesce(key = n)]
async fn recursive(n: u64) -> u64 {
    if n == 0 {
        0
    } else {
        n + Box::pin(recursive(n - 1)).await
    }
}

#[coalesce]
async fn outer(id: u64) -> u64 {
    #[coalesce]
    async fn inner(id: u64) -> u64 {
        id + 1
    }
    inner(id).await + attributes("1").await.unwrap_or(0)
}

#[test]
fn odds_and_ends() {
    // SAFETY: nothing is needed.
    assert_eq!(unsafe { run(not_safe(1)) }, 1);
    assert_eq!(run(attributes("7")), Ok(7));
    assert_eq!(run(attributes("")), Err("empty".to_owned()));
    assert_eq!(run(conditional(1, "ab")), 2);
    run(nothing());
    drop(never(1));
    assert_eq!(run(inner_docs(1)), 1);
    assert_eq!(run(tail_macro(7)), "7");
    assert_eq!(run(r#type(7)), 7);
    assert_eq!(run(recursive(4)), 10);
    assert_eq!(run(outer(1)), 3);
}

#[test]
fn a_function_keeps_its_place_as_a_value() {
    async fn apply<F: Future<Output = u64>>(function: impl Fn(u64) -> F) -> u64 {
        function(7).await
    }

    #[coalesce]
    async fn double(id: u64) -> u64 {
        2 * id
    }

    assert_eq!(run(apply(double)), 14);
    let calls = [1, 2, 3].map(double);
    assert_eq!(run(futures::future::join_all(calls)), [2, 4, 6]);
}

/// Every name that an expansion uses, as an argument's.
#[coalesce]
async fn generated_names(
    __coalesced_place: u8,
    __coalesced_key: u8,
    __coalesced_home: u8,
    __coalesced: u8,
    coalesced: u8,
    core: u8,
) -> u8 {
    __coalesced_place + __coalesced_key + __coalesced_home + __coalesced + coalesced + core
}

#[expect(non_snake_case, reason = "the name of a generated static")]
#[coalesce(key = (__COALESCED_HIDDEN, key))]
async fn generated_items(__COALESCED_HIDDEN: u8, key: u8) -> u8 {
    __COALESCED_HIDDEN + key
}

#[test]
fn names_do_not_clash() {
    assert_eq!(run(generated_names(1, 2, 3, 4, 5, 6)), 21);
    assert_eq!(run(generated_items(1, 2)), 3);
}

mod handlers {
    //! Real axum handlers.

    use axum::{
        Json, Router,
        extract::{Path, Query, State},
        routing::get,
    };
    use coalesced::{Group, coalesce};
    use serde::{Deserialize, Serialize};
    use tower::ServiceExt as _;

    #[derive(Clone, Default)]
    struct App {
        users: Group<(u64, u32), Json<User>>,
    }

    #[derive(Clone, Serialize)]
    struct User {
        id: u64,
        page: u32,
    }

    #[derive(Deserialize)]
    struct Page {
        page: u32,
    }

    #[coalesce(skip(_app))]
    async fn hidden(
        State(_app): State<App>,
        Path(id): Path<u64>,
        Query(Page { page }): Query<Page>,
    ) -> Json<User> {
        Json(User { id, page })
    }

    #[coalesce(group = app.users)]
    async fn owned(
        State(app): State<App>,
        Path(id): Path<u64>,
        Query(Page { page }): Query<Page>,
    ) -> Json<User> {
        drop(app);
        Json(User { id, page })
    }

    #[tokio::test]
    async fn axum() {
        let app = Router::new()
            .route("/hidden/{id}", get(hidden))
            .route("/owned/{id}", get(owned))
            .with_state(App::default());
        for path in ["/hidden/7?page=3", "/owned/7?page=3"] {
            let request = axum::http::Request::get(path)
                .body(axum::body::Body::empty())
                .unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let body = axum::body::to_bytes(response.into_body(), 1_000)
                .await
                .unwrap();
            assert_eq!(&body[..], br#"{"id":7,"page":3}"#);
        }
    }
}

/// What is printed of a call helps whoever debugs a stuck one.
#[test]
fn calls_are_debug() {
    fn is_debug<T: Debug>(_: &T) {}
    is_debug(&Group::<u64, u64>::new());
    is_debug(&coalesced::groups());
}

#[coalesce]
async fn underscored(_trace: u64, id: u64) -> u64 {
    id
}

#[test]
fn underscored_arguments() {
    assert_eq!(run(underscored(1, 2)), 2);
}

/// As the plain function's future is.
#[test]
fn calls_may_be_used_after_a_panic() {
    fn is_unwind_safe<T: std::panic::UnwindSafe>(_: &T) {}
    is_unwind_safe(&nothing());
    is_unwind_safe(&underscored(1, 2));
    is_unwind_safe(&by_path(1));
    is_unwind_safe(&Arc::new(Group::<u64, u64>::new()));
}
