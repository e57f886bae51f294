//! What is printed: a line for each scene.

use std::{fmt, time::Duration};

use servers::database::QUERY;

use crate::{
    fleet::{CONNECTIONS, MEMBERS},
    load::{Answers, Load},
    store::Store,
};

pub(crate) const HEAD: &str = "\
scene                        queries  answered  sent again  half within  all within  scripts in the Redis";

/// What came of a scene.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scene: &'static str,
    pub(crate) answers: Answers,
    /// That the database counted.
    pub(crate) queries: usize,
    /// That the Redis counted.
    pub(crate) scripts: Option<u64>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scripts = self.scripts.map_or("?".to_owned(), |it| it.to_string());
        write!(
            f,
            "{:<27}{:>9}{:>10}{:>12}{:>13}{:>12}{scripts:>22}",
            self.scene,
            self.queries,
            self.answers.number(),
            self.answers.again,
            time(self.answers.median()),
            time(self.answers.wall),
        )
    }
}

fn time(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

pub(crate) fn title(load: Load, store: &Store) -> String {
    format!(
        "{} requests over {} keys, {MEMBERS} processes; a database that runs {CONNECTIONS} queries at a time, \
         {} ms each; {}",
        load.requests,
        load.keys,
        QUERY.as_millis(),
        if store.is_ours() {
            "a Redis of our own"
        } else {
            "the Redis at REDIS_URL"
        }
    )
}

pub(crate) fn end(store: &Store) -> &'static str {
    if store.is_ours() {
        "Every request was answered, and rightly."
    } else {
        "Every request was answered, and rightly. The Redis at REDIS_URL is not ours to kill: without REDIS_URL \
         there are two more scenes."
    }
}
