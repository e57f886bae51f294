//! A client of a forge's accounts on reqwest, behind a trait: each call says who asks, and answers derive nothing.

use crate::{network::bodies, stand_ins::reqwest};
use async_trait::async_trait;
use coalesced::{CloneError, Registry, coalesce};
use std::fmt;

/// Of the `secrecy` crate: no key, not shown.
#[derive(Clone)]
struct SecretString(String);

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Who asks.
#[derive(Clone, Debug)]
enum Auth {
    None,
    Bearer(SecretString),
}

impl Auth {
    fn header(&self) -> &str {
        match self {
            Self::None => "",
            Self::Bearer(token) => &token.0,
        }
    }
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Account(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Organization(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Team(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Membership(String);

#[derive(Debug, thiserror::Error)]
enum ForgeError {
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl From<reqwest::Error> for ForgeError {
    fn from(error: reqwest::Error) -> Self {
        Self::Other(error.into())
    }
}

impl CloneError for ForgeError {
    fn clone_error(&self) -> Self {
        let Self::Other(error) = self;
        Self::Other(anyhow::anyhow!("{error:#}"))
    }
}

type Result<T> = std::result::Result<T, ForgeError>;

#[async_trait]
trait Accounts {
    async fn mine(&self, auth: &Auth) -> Result<Account>;
    async fn by_name(&self, name: &str, auth: &Auth) -> Result<Account>;
    async fn by_id(&self, id: i64, auth: &Auth) -> Result<Account>;
    async fn organization(&self, name: &str, auth: &Auth) -> Result<Organization>;
    async fn team(&self, organization: &str, name: &str, auth: &Auth) -> Result<Team>;
    async fn membership(
        &self,
        organization: i32,
        team: i32,
        name: &str,
        auth: &Auth,
    ) -> Result<Option<Membership>>;
}

struct Forge {
    http: reqwest::Client,
    calls: Registry,
}

#[async_trait]
impl Accounts for Forge {
    #[coalesce(registry = self.calls, hide, key = auth.header())]
    async fn mine(&self, auth: &Auth) -> Result<Account> {
        Ok(self.http.get("/user".to_owned(), auth.header()).await?)
    }

    #[coalesce(registry = self.calls, hide, key = (auth.header(), name))]
    async fn by_name(&self, name: &str, auth: &Auth) -> Result<Account> {
        let url = format!("/users/{name}");
        Ok(self.http.get(url, auth.header()).await?)
    }

    #[coalesce(registry = self.calls, hide, key = (auth.header(), id))]
    async fn by_id(&self, id: i64, auth: &Auth) -> Result<Account> {
        let url = format!("/user/{id}");
        Ok(self.http.get(url, auth.header()).await?)
    }

    #[coalesce(registry = self.calls, hide, key = (auth.header(), name))]
    async fn organization(&self, name: &str, auth: &Auth) -> Result<Organization> {
        let url = format!("/orgs/{name}");
        Ok(self.http.get(url, auth.header()).await?)
    }

    #[coalesce(registry = self.calls, hide, key = (auth.header(), organization, name))]
    async fn team(&self, organization: &str, name: &str, auth: &Auth) -> Result<Team> {
        let url = format!("/orgs/{organization}/teams/{name}");
        Ok(self.http.get(url, auth.header()).await?)
    }

    #[coalesce(registry = self.calls, hide, key = (auth.header(), organization, team, name))]
    async fn membership(
        &self,
        organization: i32,
        team: i32,
        name: &str,
        auth: &Auth,
    ) -> Result<Option<Membership>> {
        let url = format!("/organizations/{organization}/team/{team}/memberships/{name}");
        Ok(self.http.get(url, auth.header()).await.map(Some)?)
    }
}

fn forges() -> [Forge; 2] {
    ["here", "there"].map(|name| Forge {
        http: reqwest::Client(name),
        calls: Registry::new(),
    })
}

#[test]
fn accounts_as_somebody_sees_them() {
    let [here, there] = forges();
    let [ann, bob] = ["ann's", "bob's"].map(|token| Auth::Bearer(SecretString(token.to_owned())));
    bodies! {
        "mine": [here.mine(&ann), here.mine(&ann.clone())] => 1,
        "of two": [here.mine(&ann), here.mine(&bob), here.mine(&Auth::None)] => 3,
        "mine, two forges": [here.mine(&ann), there.mine(&ann)] => 2,
        "by name": [here.by_name("eve", &ann), here.by_name("eve", &ann)] => 1,
        "by two names": [here.by_name("eve", &ann), here.by_name("dan", &ann)] => 2,
        "by name, two who ask": [here.by_name("eve", &ann), here.by_name("eve", &bob)] => 2,
        "by name, two forges": [here.by_name("eve", &ann), there.by_name("eve", &ann)] => 2,
        "by id": [here.by_id(7, &ann), here.by_id(7, &ann)] => 1,
        "by two ids": [here.by_id(7, &ann), here.by_id(8, &ann)] => 2,
        "by id, two who ask": [here.by_id(7, &ann), here.by_id(7, &Auth::None)] => 2,
        "by id, two forges": [here.by_id(7, &ann), there.by_id(7, &ann)] => 2,
    }
}

#[test]
fn teams_as_somebody_sees_them() {
    let [here, there] = forges();
    let [ann, bob] = ["ann's", "bob's"].map(|token| Auth::Bearer(SecretString(token.to_owned())));
    bodies! {
        "organization": [here.organization("a", &ann), here.organization("a", &ann)] => 1,
        "two organizations": [here.organization("a", &ann), here.organization("b", &ann)] => 2,
        "organization, two who ask": [here.organization("a", &ann), here.organization("a", &bob)] => 2,
        "organization, two forges": [here.organization("a", &ann), there.organization("a", &ann)] => 2,
        "team": [here.team("a", "b", &ann), here.team("a", "b", &ann)] => 1,
        "two teams": [here.team("a", "b", &ann), here.team("b", "a", &ann)] => 2,
        "team, two who ask": [here.team("a", "b", &ann), here.team("a", "b", &bob)] => 2,
        "team, two forges": [here.team("a", "b", &ann), there.team("a", "b", &ann)] => 2,
        "membership": [here.membership(1, 2, "eve", &ann), here.membership(1, 2, "eve", &ann)] => 1,
        "two memberships": [here.membership(1, 2, "eve", &ann), here.membership(2, 1, "eve", &ann)] => 2,
        "membership, two who ask": [here.membership(1, 2, "eve", &ann), here.membership(1, 2, "eve", &bob)] => 2,
        "membership, two forges": [here.membership(1, 2, "eve", &ann), there.membership(1, 2, "eve", &ann)] => 2,
    }
}
