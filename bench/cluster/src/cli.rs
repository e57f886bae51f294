//! The command line.

use std::{ffi::OsString, fmt::Display, time::Duration};

use lexopt::prelude::*;

use crate::member::{Role, Way};

pub(crate) const HELP: &str = "\
Measures what it costs to go through a Redis, and prints Markdown tables. It needs `redis-server`.

Usage: cargo run --release -p coalesce-cluster-bench -- [OPTIONS]

Options:
  --quick     fewer rounds: a first impression
  -h, --help  this text
";

#[derive(Debug)]
pub(crate) enum Args {
    Bench {
        quick: bool,
    },
    /// One of the processes that a bench starts.
    Member(Role),
}

impl Args {
    /// `None` where only help is asked for; an error is one sentence.
    pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut parser = lexopt::Parser::from_iter(args);
        let mut quick = false;
        while let Some(arg) = parser.next().map_err(unclear)? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Long("quick") => quick = true,
                Value(word) if word == "member" => {
                    return role(&mut parser).map(|role| Some(Self::Member(role)));
                }
                other => return Err(unclear(other.unexpected())),
            }
        }
        Ok(Some(Self::Bench { quick }))
    }
}

fn role(parser: &mut lexopt::Parser) -> Result<Role, String> {
    let mut word = || parser.value().and_then(ValueExt::string).map_err(unclear);
    let way: Way = word()?.parse()?;
    let url = word()?;
    let mut number = || word()?.parse().map_err(unclear);
    let (callers, keys) = (number()?, number()?);
    let mut millis = || number().map(Duration::from_millis);
    let (body, time) = (millis()?, millis()?);
    Ok(Role {
        way,
        url,
        callers,
        keys,
        body,
        time,
    })
}

fn unclear(error: impl Display) -> String {
    format!("{error}; --help lists the options")
}
