// What the refusals of receivers, of connections and of groups offer, word for word, each by its first way out.
#![deny(warnings)]

use coalesced::{Group, coalesce};
use std::sync::Arc;

// receiver-not-a-key, receiver-mutable, registry-of-what-is-mutable, registry-deeper-than-a-field
struct Users {
    pool: Pool,
    tenant: u64,
    calls: coalesced::Registry,
}

impl Users {
    #[coalesce(registry = self.calls)]
    async fn by_id(&self, id: u64) -> u64 {
        let Pool = self.pool;
        id
    }

    #[coalesce(registry = self.calls, key = (id, price.to_bits()))]
    async fn by_price(&self, id: u64, price: f64) -> u64 {
        id + price as u64
    }

    #[coalesce(registry = self.calls, key = (self.tenant, id))]
    async fn changing(&mut self, id: u64) -> u64 {
        id
    }
}

// argument-a-connection, argument-not-a-key, argument-an-owner, registry-misspelled
struct Pool;

struct App {
    pool: Pool,
    calls: coalesced::Registry,
}

#[coalesce(registry = app.calls)]
async fn of_an_app(app: &App, id: u64) -> u64 {
    let Pool = app.pool;
    id
}

// registry-deeper-than-a-field
struct Handle<'a> {
    app: &'a App,
    tenant: u64,
}

impl Handle<'_> {
    #[coalesce(registry = self.app.calls, key = (self.tenant, id))]
    async fn by_id(&self, id: u64) -> u64 {
        self.tenant + id
    }
}

// argument-borrows-who-asks
struct Context<'a> {
    app: &'a App,
    user: u64,
}

#[coalesce(key = (ctx.user, id))]
async fn viewer(ctx: &Context<'_>, id: u64) -> u64 {
    let Pool = ctx.app.pool;
    ctx.user + id
}

// argument-behind-a-trait
trait Repo: Send + Sync {
    fn tenant(&self) -> u64;
}

impl Repo for App {
    fn tenant(&self) -> u64 {
        7
    }
}

impl Repo for Users {
    fn tenant(&self) -> u64 {
        self.tenant
    }
}

struct Shared {
    repo: Arc<dyn Repo>,
    calls: coalesced::Registry,
}

#[coalesce(registry = shared.calls)]
async fn behind_a_trait(shared: &Shared, id: u64) -> u64 {
    shared.repo.tenant() + id
}

#[coalesce(key = (repo.tenant(), id))]
async fn of_a_tenant(repo: &dyn Repo, id: u64) -> u64 {
    repo.tenant() + id
}

mod any {
    use super::Repo;
    use coalesced::coalesce;

    pub struct Shared<R> {
        pub repo: R,
        pub calls: coalesced::Registry,
    }

    #[coalesce(registry = shared.calls)]
    pub async fn of_any(shared: &Shared<impl Repo>, id: u64) -> u64 {
        shared.repo.tenant() + id
    }

    #[coalesce(registry = shared.calls)]
    pub async fn of_a_parameter<R: Repo>(shared: &Shared<R>, id: u64) -> u64 {
        shared.repo.tenant() + id
    }
}

// receiver-not-a-key, registry-made-by-a-method
trait Find {
    fn calls(&self) -> &coalesced::Registry;

    #[coalesce(registry = self.calls())]
    fn in_a_trait(&self, id: u64) -> u64 {
        id
    }
}

impl Find for App {
    fn calls(&self) -> &coalesced::Registry {
        &self.calls
    }
}

// argument-mutable
#[coalesce(registry = app.calls)]
async fn takes_a_connection(app: &App, id: u64) -> u64 {
    async fn fetch(connection: &mut Pool, id: u64) -> u64 {
        let _ = connection;
        id
    }

    let Pool = app.pool;
    fetch(&mut Pool, id).await
}

// group-other-value
static USERS: Group<u64, u64> = Group::new();

#[coalesce(group = USERS)]
async fn of_a_group(id: u64) -> u64 {
    id
}

#[coalesce(group = USERS, share = ok)]
async fn only_ok(id: u64) -> Result<u64, std::fmt::Error> {
    Ok(id)
}

// group-misspelled
struct Groups {
    users: Arc<Group<u64, u64>>,
}

#[coalesce(group = app.users)]
async fn of_a_field(app: &Groups, id: u64) -> u64 {
    let _ = app;
    id
}

impl Groups {
    #[coalesce(group = self.users)]
    async fn behind_a_pointer(&self, id: u64) -> u64 {
        id
    }
}

// group-other-key
static TEXTS: Group<String, u64> = Group::new();

static PAIRS: Group<(String, u64), u64> = Group::new();

#[coalesce(group = PAIRS)]
async fn of_pairs(name: &str, id: u64) -> u64 {
    id + name.len() as u64
}

#[coalesce(group = TEXTS, key = id.to_string())]
async fn of_texts(id: u64) -> u64 {
    id
}

// registry-constant, registry-associated-constant, registry-not-a-place, registry-something-else
static CALLS: coalesced::Registry = coalesced::Registry::new();

#[coalesce(registry = CALLS)]
async fn of_registry(id: u64) -> u64 {
    id
}

// group-constant, group-associated-constant, group-not-a-place, group-without-self
struct Fetches;

impl Fetches {
    #[coalesce(group = USERS)]
    async fn fetch(id: u64) -> u64 {
        id
    }
}

fn main() {
    let mut users = Users {
        pool: Pool,
        tenant: 7,
        calls: coalesced::Registry::new(),
    };
    drop((users.by_id(7), users.by_price(7, 0.5)));
    drop(users.changing(7));
    let app = App {
        pool: Pool,
        calls: coalesced::Registry::new(),
    };
    drop((of_an_app(&app, 7), takes_a_connection(&app, 7)));
    drop((of_a_tenant(&app, 7), app.in_a_trait(7)));
    let calls = coalesced::Registry::new;
    let shared = any::Shared { repo: Users { pool: Pool, tenant: 7, calls: calls() }, calls: calls() };
    drop((any::of_any(&shared, 7), any::of_a_parameter(&shared, 7)));
    let repo = Arc::new(Users { pool: Pool, tenant: 7, calls: calls() });
    drop(behind_a_trait(&Shared { repo, calls: calls() }, 7));
    drop(viewer(&Context { app: &app, user: 7 }, 7));
    let handle = Handle { app: &app, tenant: 7 };
    drop(handle.by_id(7));
    drop((of_a_group(7), only_ok(7), of_texts(7), Fetches::fetch(7)));
    drop((of_pairs("", 7), of_registry(7)));
    let groups = Groups { users: Arc::default() };
    drop((groups.behind_a_pointer(7), of_a_field(&groups, 7)));
}
