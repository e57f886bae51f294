//! A client of a chat's API on reqwest: numbers that are types, and what is asked for page by page.

use crate::{network::bodies, stand_ins::reqwest};
use coalesced::{CloneError, Registry, coalesce};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GuildId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct UserId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RuleId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct EntryId(u64);

/// It derived nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pagination {
    After(UserId),
    Before(UserId),
}

/// It was no `Eq` and no `Hash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    GuildUpdate,
    Unknown(u8),
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Maintenance(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Ban(String);

/// It was not `Clone`.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct AuditLogs(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Rule(String);

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Gateway(String);

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl CloneError for Error {
    fn clone_error(&self) -> Self {
        Self::Http(reqwest::Error)
    }
}

type Result<T> = std::result::Result<T, Error>;

struct Http {
    client: reqwest::Client,
    token: String,
    calls: Registry,
}

impl Http {
    async fn fire<R: serde::de::DeserializeOwned>(&self, route: String) -> Result<R> {
        Ok(self.client.get(route, &self.token).await?)
    }

    #[coalesce(registry = self.calls)]
    async fn maintenances(&self) -> Result<Vec<Maintenance>> {
        Ok(vec![self.fire("/maintenances".to_owned()).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn bans(
        &self,
        guild: GuildId,
        target: Option<Pagination>,
        limit: Option<u16>,
    ) -> Result<Vec<Ban>> {
        let route = format!("/guilds/{guild:?}/bans?{target:?}&{limit:?}");
        Ok(vec![self.fire(route).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn audit_logs(
        &self,
        guild: GuildId,
        action: Option<Action>,
        user: Option<UserId>,
        before: Option<EntryId>,
        limit: Option<u8>,
    ) -> Result<AuditLogs> {
        let route =
            format!("/guilds/{guild:?}/audit-logs?{action:?}&{user:?}&{before:?}&{limit:?}");
        self.fire(route).await
    }

    #[coalesce(registry = self.calls)]
    async fn rules(&self, guild: GuildId) -> Result<Vec<Rule>> {
        Ok(vec![self.fire(format!("/guilds/{guild:?}/rules")).await?])
    }

    #[coalesce(registry = self.calls)]
    async fn rule(&self, guild: GuildId, rule: RuleId) -> Result<Rule> {
        self.fire(format!("/guilds/{guild:?}/rules/{rule:?}")).await
    }

    #[coalesce(registry = self.calls)]
    async fn gateway(&self) -> Result<Gateway> {
        self.fire("/gateway/bot".to_owned()).await
    }
}

fn clients() -> [Http; 2] {
    ["here", "there"].map(|name| Http {
        client: reqwest::Client(name),
        token: "ours".to_owned(),
        calls: Registry::new(),
    })
}

#[test]
fn of_the_chat() {
    let [here, there] = clients();
    bodies! {
        "maintenances": [here.maintenances(), here.maintenances()] => 1,
        "maintenances, two servers": [here.maintenances(), there.maintenances()] => 2,
        "gateway": [here.gateway(), here.gateway()] => 1,
        "gateway, two servers": [here.gateway(), there.gateway()] => 2,
    }
}

#[test]
fn of_a_guild() {
    let [here, there] = clients();
    let [a, b] = [1, 2].map(GuildId);
    let [one, two] = [1, 2].map(RuleId);
    let [after, before] =
        [Pagination::After, Pagination::Before].map(|at| move || Some(at(UserId(7))));
    let [update, other] = [Some(Action::GuildUpdate), Some(Action::Unknown(1))];
    let entry = Some(EntryId(9));
    let logs = async |http: &Http, guild, action, before| {
        http.audit_logs(guild, action, None, before, None).await
    };
    bodies! {
        "bans": [here.bans(a, after(), None), here.bans(a, after(), None)] => 1,
        "bans of two": [here.bans(a, None, None), here.bans(b, None, None)] => 2,
        "other bans": [here.bans(a, after(), None), here.bans(a, before(), None), here.bans(a, None, Some(9))] => 3,
        "bans, two servers": [here.bans(a, None, None), there.bans(a, None, None)] => 2,
        "logs": [logs(&here, a, update, None), logs(&here, a, update, None)] => 1,
        "logs of two": [logs(&here, a, None, None), logs(&here, b, None, None)] => 2,
        "other logs": [logs(&here, a, update, None), logs(&here, a, other, None), logs(&here, a, update, entry)] => 3,
        "logs, two servers": [logs(&here, a, None, None), logs(&there, a, None, None)] => 2,
        "rules": [here.rules(a), here.rules(a)] => 1,
        "rules of two": [here.rules(a), here.rules(b)] => 2,
        "rules, two servers": [here.rules(a), there.rules(a)] => 2,
        "rule": [here.rule(a, one), here.rule(a, one)] => 1,
        "other rules": [here.rule(a, one), here.rule(a, two), here.rule(b, one)] => 3,
        "rule, two servers": [here.rule(a, one), there.rule(a, one)] => 2,
    }
}
