//! A client of a forge's API on reqwest.

use crate::{
    network::bodies,
    stand_ins::reqwest::{self, Url},
};
use coalesced::{CloneError, Registry, coalesce};
use serde::de::DeserializeOwned;
use std::fmt;

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no access")]
    Forbidden,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        match self {
            Self::Forbidden => Self::Forbidden,
            Self::Http(_) => Self::Http(reqwest::Error),
        }
    }
}

/// Of the `secrecy` crate: no key, not shown.
#[derive(Clone)]
struct SecretString(String);

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// It was `DeserializeOwned` alone.
trait Answer: DeserializeOwned + Clone + Send + Sync + 'static {}

impl<R: DeserializeOwned + Clone + Send + Sync + 'static> Answer for R {}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Repository(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Issue(String);

/// Its clones are the same client.
#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    token: SecretString,
    calls: Registry,
}

impl Client {
    /// It asks as another, and so it has calls of its own.
    fn installation(&self, token: &str) -> Self {
        Self {
            token: SecretString(token.to_owned()),
            calls: Registry::new(),
            ..self.clone()
        }
    }

    fn issues(&self, repository: &str) -> Issues<'_> {
        Issues {
            client: self,
            repository: repository.to_owned(),
        }
    }

    #[coalesce(registry = self.calls)]
    async fn repository(&self, owner: &str, name: &str) -> Result<Repository, Error> {
        let url = format!("/repos/{owner}/{name}");
        Ok(self.http.get(url, &self.token.0).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn get<R: Answer>(&self, path: &str) -> Result<R, Error> {
        Ok(self.http.get(path.to_owned(), &self.token.0).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn access_token(&self) -> Result<SecretString, Error> {
        let token = self
            .http
            .get("/access_tokens".to_owned(), &self.token.0)
            .await?;
        Ok(SecretString(token))
    }
}

/// The issues of one repository.
struct Issues<'c> {
    client: &'c Client,
    repository: String,
}

impl Issues<'_> {
    #[coalesce(registry = self.client.calls, key = (self.repository, number))]
    async fn get(&self, number: u64) -> Result<Issue, Error> {
        let url = format!("/repos/{}/issues/{number}", self.repository);
        Ok(self.client.http.get(url, &self.client.token.0).await?)
    }
}

/// It took `http: &reqwest::Client`, and returned a `reqwest::Error`.
#[coalesce(registry = client.calls)]
async fn feed(client: &Client, url: &Url) -> Result<String, Error> {
    Ok(client.http.get(url.0.clone(), "").await?)
}

/// A client, and others: a clone of it, one that asks as another, and one of another server.
fn clients() -> [Client; 4] {
    let [here, there] = ["here", "there"].map(|name| Client {
        http: reqwest::Client(name),
        token: SecretString("ours".to_owned()),
        calls: Registry::new(),
    });
    let (clone, theirs) = (here.clone(), here.installation("theirs"));
    [here, clone, theirs, there]
}

#[test]
fn repository_of_a_client() {
    let [ours, clone, theirs, there] = clients();
    bodies! {
        "one repository": [ours.repository("a", "b"), clone.repository("a", "b")] => 1,
        "two repositories": [ours.repository("a", "b"), ours.repository("b", "a")] => 2,
        "with another token": [ours.repository("a", "b"), theirs.repository("a", "b")] => 2,
        "of another server": [ours.repository("a", "b"), there.repository("a", "b")] => 2,
    }
}

#[test]
fn get_as_what_it_is_asked_for() {
    let [ours, clone, theirs, _] = clients();
    bodies! {
        "one type": [ours.get::<Repository>("/a"), clone.get::<Repository>("/a")] => 1,
        "two types": [ours.get::<Repository>("/a"), ours.get::<Issue>("/a")] => 2,
        "two paths": [ours.get::<Issue>("/a"), ours.get::<Issue>("/b")] => 2,
        "with another token": [ours.get::<Issue>("/a"), theirs.get::<Issue>("/a")] => 2,
    }
}

#[test]
fn access_token_of_an_installation() {
    let [ours, clone, theirs, _] = clients();
    bodies! {
        "one": [ours.access_token(), clone.access_token()] => 1,
        "two": [ours.access_token(), theirs.access_token()] => 2,
    }
}

#[test]
fn issue_of_a_handle() {
    let [ours, clone, theirs, _] = clients();
    let get = |client: &Client, repository: &str, number| {
        let (client, repository) = (client.clone(), repository.to_owned());
        async move { client.issues(&repository).get(number).await }
    };
    bodies! {
        "one issue": [get(&ours, "a", 7), get(&clone, "a", 7)] => 1,
        "two issues": [get(&ours, "a", 7), get(&ours, "a", 8)] => 2,
        "two repositories": [get(&ours, "a", 7), get(&ours, "b", 7)] => 2,
        "with another token": [get(&ours, "a", 7), get(&theirs, "a", 7)] => 2,
    }
}

#[test]
fn feed_of_a_bare_client() {
    let [ours, clone, _, there] = clients();
    let [a, b] = ["/a", "/b"].map(|path| Url(path.to_owned()));
    bodies! {
        "one feed": [feed(&ours, &a), feed(&clone, &a)] => 1,
        "two feeds": [feed(&ours, &a), feed(&ours, &b)] => 2,
        "through another": [feed(&ours, &a), feed(&there, &a)] => 2,
    }
}
