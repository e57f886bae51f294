//! A newsletter on actix-web.

use crate::{
    network::{self, bodies},
    stand_ins::{
        actix_web::{self, HttpResponse, web},
        uuid::Uuid,
    },
};
use coalesced::{CloneError, Registry, coalesce};

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no such issue")]
    NotFound,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<network::TimedOut> for Error {
    fn from(_: network::TimedOut) -> Self {
        Self::Unexpected(anyhow::anyhow!("the database is down"))
    }
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::NotFound => Self::NotFound,
            Self::Unexpected(error) => Self::Unexpected(anyhow::anyhow!("{error:#}")),
        }
    }
}

#[derive(Clone, Debug)]
struct PgPool(&'static str);

impl PgPool {
    async fn fetch(&self, sql: String) -> Result<String, Error> {
        Ok(network::send(format!("{}: {sql}", self.0)).await?)
    }
}

struct Context {
    pool: PgPool,
    calls: Registry,
}

/// Of `actix-session`.
#[derive(Clone)]
struct TypedSession(std::rc::Rc<Uuid>);

#[derive(Clone, Debug)]
struct LocalUserView {
    person_id: i32,
}

#[derive(Debug, serde::Deserialize)]
struct ListIssues {
    page: Option<u32>,
    tag: Option<String>,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Issue(String);

/// A response can be sent once: what it is made of is shared. It took `pool: web::Data<PgPool>`.
async fn dashboard(
    session: TypedSession,
    context: web::Data<Context>,
) -> Result<HttpResponse, actix_web::Error> {
    let username = context.username(*session.0).await?;
    Ok(HttpResponse(username.into()))
}

/// actix's `Json` is no `Clone`: what is in it is shared.
async fn list(
    context: web::Data<Context>,
    web::Query(query): web::Query<ListIssues>,
) -> Result<web::Json<Vec<Issue>>, Error> {
    let issues = context.list(query.page, query.tag.as_deref()).await?;
    Ok(web::Json(issues))
}

/// The same.
async fn issue(
    path: web::Path<i32>,
    context: web::Data<Context>,
    me: Option<LocalUserView>,
) -> Result<web::Json<Issue>, Error> {
    let issue = context
        .issue(path.into_inner(), me.map(|me| me.person_id))
        .await?;
    Ok(web::Json(issue))
}

#[coalesce(registry = context.calls)]
async fn site(context: &Context) -> Result<String, Error> {
    context.pool.fetch("site".to_owned()).await
}

impl Context {
    #[coalesce(registry = self.calls)]
    async fn username(&self, user: Uuid) -> Result<String, Error> {
        self.pool.fetch(format!("name of {user:?}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn list(&self, page: Option<u32>, tag: Option<&str>) -> Result<Vec<Issue>, Error> {
        let row = self.pool.fetch(format!("issues {page:?} {tag:?}")).await?;
        Ok(vec![Issue(row)])
    }

    #[coalesce(registry = self.calls)]
    async fn issue(&self, id: i32, me: Option<i32>) -> Result<Issue, Error> {
        let row = self.pool.fetch(format!("issue {id} as {me:?}")).await?;
        Some(row)
            .filter(|row| !row.is_empty())
            .map(Issue)
            .ok_or(Error::NotFound)
    }

    #[coalesce(registry = self.calls)]
    async fn subscriber(&self, token: &str) -> Result<Uuid, Error> {
        let row = self.pool.fetch(format!("subscriber of {token}")).await?;
        Ok(Uuid(row.len() as u128))
    }
}

fn contexts() -> [web::Data<Context>; 2] {
    ["ours", "theirs"].map(|name| {
        web::Data::new(Context {
            pool: PgPool(name),
            calls: Registry::new(),
        })
    })
}

#[test]
fn dashboard_of_a_session() {
    let [ours, theirs] = contexts();
    let [ann, bob] = [1, 2].map(|id| TypedSession(Uuid(id).into()));
    let of = |session: &TypedSession, context: &web::Data<Context>| {
        dashboard(session.clone(), context.clone())
    };
    bodies! {
        "one user": [of(&ann, &ours), of(&ann, &ours)] => 1,
        "two users": [of(&ann, &ours), of(&bob, &ours)] => 2,
        "two databases": [of(&ann, &ours), of(&ann, &theirs)] => 2,
    }
}

#[test]
fn list_of_a_query() {
    let [ours, theirs] = contexts();
    let of = |context: &web::Data<Context>, page, tag: Option<&str>| {
        let tag = tag.map(str::to_owned);
        list(context.clone(), web::Query(ListIssues { page, tag }))
    };
    bodies! {
        "one page": [of(&ours, Some(1), None), of(&ours, Some(1), None)] => 1,
        "two pages": [of(&ours, Some(1), None), of(&ours, None, None)] => 2,
        "two tags": [of(&ours, None, Some("rust")), of(&ours, None, None)] => 2,
        "two databases": [of(&ours, None, None), of(&theirs, None, None)] => 2,
    }
}

#[test]
fn issue_as_somebody_sees_it() {
    let [ours, theirs] = contexts();
    let of = |context: &web::Data<Context>, id, me: Option<i32>| {
        let me = me.map(|person_id| LocalUserView { person_id });
        issue(web::Path::new(id), context.clone(), me)
    };
    bodies! {
        "nobody": [of(&ours, 7, None), of(&ours, 7, None)] => 1,
        "one user": [of(&ours, 7, Some(1)), of(&ours, 7, Some(1))] => 1,
        "two users": [of(&ours, 7, Some(1)), of(&ours, 7, Some(2)), of(&ours, 7, None)] => 3,
        "two issues": [of(&ours, 7, None), of(&ours, 8, None)] => 2,
        "two databases": [of(&ours, 7, None), of(&theirs, 7, None)] => 2,
    }
}

#[test]
fn site_of_a_context() {
    let [ours, theirs] = contexts();
    bodies! {
        "all": [site(&ours), site(&ours), site(&ours)] => 1,
        "two databases": [site(&ours), site(&theirs)] => 2,
    }
}

#[test]
fn subscriber_by_token() {
    let [ours, theirs] = contexts();
    bodies! {
        "one token": [ours.subscriber("a"), ours.subscriber("a")] => 1,
        "two tokens": [ours.subscriber("a"), ours.subscriber("b")] => 2,
        "two databases": [ours.subscriber("a"), theirs.subscriber("a")] => 2,
    }
}
