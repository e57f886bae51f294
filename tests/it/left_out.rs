//! An argument that holds its registry is left out of the key: what else it has must not decide the result.

use crate::support::{Gate, bodies, unwinds};
use coalesced::{Group, Registry, coalesce};
use std::{ops::Deref, sync::Arc};
use tokio_test::{assert_ready_eq, task};

#[derive(Default)]
struct App {
    calls: Registry,
    counts: Arc<Group<u64, u64>>,
}

/// Has the app, and who asks.
struct Context {
    app: Arc<App>,
    user: u64,
}

impl Deref for Context {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl Context {
    #[coalesce(registry = self.calls)]
    async fn name(&self) -> u64 {
        self.user
    }

    #[coalesce(registry = self.calls, key = self.user)]
    async fn key(&self, gate: &Gate) {
        gate.pass().await;
    }

    #[coalesce(registry = self.calls, skip(self, gate))]
    async fn skipped(&self, gate: &Gate) {
        gate.pass().await;
    }
}

fn of(user: u64) -> Context {
    let app = Arc::default();
    Context { app, user }
}

/// One user got the orders of another.
#[test]
fn what_leads_to_the_owner_and_has_more_is_refused() {
    #[coalesce(registry = ctx.calls)]
    async fn orders(ctx: &Context) -> u64 {
        ctx.user
    }

    #[coalesce(group = ctx.counts)]
    async fn count(ctx: Arc<Context>, id: u64) -> u64 {
        ctx.user + id
    }

    let says = |argument: &str, place: &str| {
        format!(
            "`{argument}` has more than what leads to `{argument}.{place}`, and is not in the key; if that decides \
             the result, say what does, with each other argument for `..`, as `key = ({argument}.user, ..)`, else `skip({argument})`"
        )
    };
    let refused = unwinds(|| task::spawn(orders(&of(7))).poll());
    assert_eq!(refused, says("ctx", "calls"));
    let refused = unwinds(|| task::spawn(of(7).name()).poll());
    assert_eq!(refused, says("self", "calls"));
    let refused = unwinds(|| task::spawn(count(Arc::new(of(7)), 7)).poll());
    assert_eq!(refused, says("ctx", "counts"));
}

#[test]
fn what_is_said_of_it_is_believed() {
    let app = Arc::<App>::default();
    let [ann, bob] = [1, 2].map(|user| Context {
        app: Arc::clone(&app),
        user,
    });
    let shared = bodies!(gate => ann.key(gate), ann.key(gate), bob.key(gate));
    assert_eq!(shared, 2);
    let shared = bodies!(gate => ann.skipped(gate), bob.skipped(gate));
    assert_eq!(shared, 1);
}

#[test]
fn what_only_leads_to_the_owner_is_left_out() {
    /// An owner that leads elsewhere, too.
    struct Users {
        calls: Arc<Registry>,
        app: App,
    }

    impl Deref for Users {
        type Target = App;

        fn deref(&self) -> &App {
            &self.app
        }
    }

    impl Users {
        #[coalesce(registry = self.calls)]
        async fn by_id(&self, id: u64) -> u64 {
            id
        }

        #[coalesce(group = self.counts)]
        async fn count(self: Arc<Self>, id: u64) -> u64 {
            id
        }
    }

    /// As handlers have it.
    #[derive(Clone, Default)]
    struct State(Arc<App>);

    impl Deref for State {
        type Target = App;

        fn deref(&self) -> &App {
            &self.0
        }
    }

    #[coalesce(registry = app.calls)]
    async fn handler(app: State, id: u64) -> u64 {
        drop(app);
        id
    }

    #[coalesce(registry = app.calls)]
    async fn extension(app: axum::Extension<Arc<State>>, id: u64) -> u64 {
        drop(app);
        id
    }

    #[coalesce(registry = app.calls)]
    async fn referred(app: &&State, id: u64) -> u64 {
        let _ = app;
        id
    }

    #[coalesce(registry = calls)]
    async fn itself(calls: Arc<Registry>, id: u64) -> u64 {
        drop(calls);
        id
    }

    let users = Arc::new(Users {
        calls: Arc::default(),
        app: App::default(),
    });
    let state = State::default();
    assert_ready_eq!(task::spawn(users.by_id(7)).poll(), 7);
    assert_ready_eq!(task::spawn(users.count(7)).poll(), 7);
    assert_ready_eq!(task::spawn(handler(state.clone(), 7)).poll(), 7);
    assert_ready_eq!(task::spawn(referred(&&state, 7)).poll(), 7);
    assert_ready_eq!(task::spawn(itself(Arc::default(), 7)).poll(), 7);
    let app = axum::Extension(Arc::new(state));
    assert_ready_eq!(task::spawn(extension(app, 7)).poll(), 7);
}
