//! The attribute of `coalesced`, which re-exports it. Depend on `coalesced`, not on this crate.

#![forbid(unsafe_code)]

mod body;
mod bounds;
mod boxed_future;
mod choice;
mod clash;
mod error;
mod expand;
mod home;
mod key;
mod kind;
mod limit;
mod mention;
mod object;
mod options;
mod output;
mod part;
mod place;
mod rewrite;
mod setting;
mod sharing;
mod skip;
mod source;
mod subject;
mod trail;
mod types;
mod variable;
mod whole;

use proc_macro::TokenStream;

/// Makes concurrent identical calls of a function, async or not, share one execution.
///
/// ```
/// use coalesced::coalesce;
///
/// #[coalesce]
/// async fn fetch_user(id: u64) -> String {
///     format!("user {id}") // a query, say
/// }
/// # futures::executor::block_on(async { assert_eq!(fetch_user(7).await, "user 7") });
/// ```
///
/// A call that is polled while another one with the same key runs waits for it, and gets a clone of its
/// value. The function keeps its signature, its docs and its place as a value; its return type must be
/// `Clone + Send + Sync + 'static`, but for its [error](#errors). It may be free, a method with any receiver, an associated function, a
/// trait's with a body or an implementation's, also under `#[async_trait]`, generic, `unsafe`, or made by a
/// macro.
///
/// # Options
///
/// | option | what it says |
/// |---|---|
/// | `skip(db, self)` | the key is every argument but these |
/// | `key = id` | the key is this: an argument, a field, or any expression |
/// | `key = (self.region, id)` | each part for itself |
/// | `registry = self.calls` | the flights live in a [`Registry`] of the owner, one for all its functions: see below; in a trait `self.calls()` |
/// | `group = USERS` | the flights live in a typed [`Group`] of yours, in the same way |
/// | `cluster = SHOP, name = "product"` | the flights are shared with other servers (feature `cluster`): a static, or a field that is a `&'static Cluster` |
/// | `share = ok` | an `Err` is not shared: while the backend is down, a thousand callers run a thousand bodies |
/// | `clone_err = copy` | how an error is shared that is neither `Clone` nor [`CloneError`]: a path or a closure |
/// | `spawn` | the body runs on a Tokio task of its own, aborted when nobody waits for it any more |
/// | `detach` | the same, and it runs to its end even if nobody waits |
/// | `bypass = in_transaction` | when this is true the call runs alone |
/// | `max_wait = "100ms"`, `max_age = "50ms"`, `max_followers = 100`, `max_in_flight = 10_000` | limits: see [`Config`] |
/// | `config = Config::balanced()` | the limits together |
/// | `hide` | its keys are secrets, and [`AnyGroup::flights`] does not show them |
/// | `name = "users.fetch"` | the name in [`groups()`] and messages, else the path of the function |
/// | `crate = ::facade::coalesced` | where the library is, if it is not `::coalesced` |
///
/// # Keys
///
/// By default the key is made of all variables that the arguments bind, `self` included. Each is hashed in
/// place and compared with `Eq`; a borrowed one (`&str`, `&[T]`, `&Path`, `Option<&str>`, `Cow<str>`, `&T`) by
/// what it borrows. Only the caller that opens a flight makes an owned key (by `ToOwned`). One variable gives
/// a key of its own type, several give a tuple, none `()`. An argument that is only known to be `AsRef<T>` is taken
/// by the `T` that it gives.
///
/// What `Eq` calls equal is one call, as a time in two time zones is to chrono, or 1.0 and 1.00 to a `Decimal`. Where
/// the result tells them apart, so must the key: `key = at.to_rfc3339()`.
///
/// A `key = ..` that names no argument is refused, since calls with different ones would share it; `key = ()` says
/// that there is one flight for all. A `skip(tx)` of what is a `Transaction` by the name of its type is refused as well,
/// since what it alone sees would be given to others; a `key = ..` without it is not.
///
/// If a key is a secret, `hide` has lists of what is in flight not show it:
///
/// ```
/// use coalesced::{coalesce, groups};
///
/// #[coalesce(hide)]
/// async fn user_of(token: &str) -> u64 {
///     # let all = groups().into_iter().flat_map(|group| group.flights());
///     # assert!(all.map(|flight| flight.key).eq([None]));
///     token.len() as u64 // a query, say
/// }
/// # futures::executor::block_on(async { assert_eq!(user_of("a token").await, 7) });
/// ```
///
/// # Owners
///
/// Without `registry` or `group` the flights of a function are the process's. With them they are an owner's:
/// the place is a `static`, an argument, or a field of one (`self.calls`, `app.calls`).
///
/// **An argument that is, or directly holds, the place is not in the automatic key**: two owners with a registry
/// each never share, whatever else is in them. Anything else of the argument that decides the result must be
/// in the key then: see [`Registry`]. An argument that dereferences to what holds the place, and has more beside it (a
/// user, say), panics at its first call, until `key` or `skip` says what that decides. If the place is deeper (`self.client.calls`), the argument stays in the
/// key, unless it is skipped: something beside `client` may decide the result, too.
///
/// A method without arguments may be asked for the place, as in a trait, which has no fields. It returns a reference, and
/// what it is called of is treated as what holds a field: `self.calls()` as `self.calls`.
///
/// ```
/// use coalesced::{Registry, coalesce};
///
/// trait Repo {
///     fn calls(&self) -> &Registry;
///
///     #[coalesce(registry = self.calls())]
///     async fn name(&self, id: u64) -> String {
///         format!("user {id}") // a query, say
///     }
/// }
///
/// #[derive(Default)]
/// struct Sql {
///     calls: Registry,
/// }
///
/// impl Repo for Sql {
///     fn calls(&self) -> &Registry {
///         &self.calls
///     }
/// }
/// # futures::executor::block_on(async { assert_eq!(Sql::default().name(7).await, "user 7") });
/// ```
///
/// With `registry`, `name` is the name of the function's group in it, and a limit of the function's own goes
/// before the registry's. What a `Group` has (`name`, limits) is set on the group.
///
/// # When the key is made
///
/// The key is evaluated once a call, when it is first polled, before the body takes the arguments;
/// nothing of it is held while the body runs.
///
/// # Errors
///
/// An `Err` is shared like any value. If it is not `Clone`, then by [`CloneError`], which a crate implements
/// once for its error; else, if it is `From<SharedError>`, as `anyhow::Error`, `eyre::Report` and `Box<dyn Error +
/// Send + Sync>` are, by what holds the original: `downcast_ref` finds it in the chain. The caller whose body
/// failed has the original, but in this last case only if nobody waited for it. With `clone_err` it is copied by a
/// function of yours.
///
/// `share = ok` is for errors that mean something to their own caller alone. A follower whose flight ended in an
/// `Err` joins one more, and after a second `Err` runs by itself. So of a thousand callers of a backend that is down
/// each runs its own body, nearly all at once: what coalescing was to keep from it.
///
/// # Cancel safety
///
/// Dropping a call hurts no other. If it led, its body is dropped, and one of the callers that waited
/// takes over and runs its own body from the start.
///
/// A call that leads must be polled on, or dropped: while it is parked in a `select!` loop, a
/// `FuturesUnordered` or a `buffer_unordered` that is not driven, its followers wait.
///
/// With `spawn` or `detach` the body is on a task of its own, so dropping or parking a call does not even
/// restart it. It needs owned arguments (`self: Arc<Self>`), a `Send` body, and a Tokio runtime; task-locals
/// do not come along. Choose `spawn` behind a timeout layer, where leaders are dropped all the time;
/// `detach` if the result is worth having even then, as when the body fills a cache.
///
/// # Plain functions
///
/// On a plain `fn` callers block their threads while they wait. It panics on a thread that drives a Tokio
/// runtime, as Tokio's own blocking functions do.
///
/// # Panics
///
/// A panic of the body goes to the caller whose body it was; those who waited unwind with a message
/// that names the function and carries the panic's text.
///
/// A body that comes to wait for itself, by calling its own function with the same key, directly or
/// through other coalesced functions, panics with a message that names the cycle. This is seen where the
/// bodies are polled one inside the other; a cycle through two tasks, or two arms of one `join!`, is not.
///
/// # Security
///
/// Whatever decides who may see the result must be in the key. The body runs in the surroundings of
/// the caller that leads: its task-locals, its span, its transaction.
///
/// [`AnyGroup::flights`]: https://docs.rs/coalesced/latest/coalesced/struct.AnyGroup.html#method.flights
/// [`CloneError`]: https://docs.rs/coalesced/latest/coalesced/trait.CloneError.html
/// [`Config`]: https://docs.rs/coalesced/latest/coalesced/struct.Config.html
/// [`Group`]: https://docs.rs/coalesced/latest/coalesced/struct.Group.html
/// [`Registry`]: https://docs.rs/coalesced/latest/coalesced/struct.Registry.html
/// [`groups()`]: https://docs.rs/coalesced/latest/coalesced/fn.groups.html
#[proc_macro_attribute]
pub fn coalesce(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = error::Errors::default();
    let options = options::Options::parse(options.into(), &mut errors);
    let subject = syn::parse::<subject::Subject>(item.clone());
    match subject {
        Ok(subject) if errors.is_empty() => expand::expand(&options, &subject),
        Ok(_) => expand::refuse(&item.into(), &errors),
        Err(error) => {
            errors.push(error);
            expand::refuse(&item.into(), &errors)
        }
    }
    .into()
}
