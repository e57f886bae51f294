//! The command line: what the process is asked to do.

use std::{fmt::Display, net::SocketAddr};

use lexopt::prelude::*;
use servers::Result;

pub(crate) const HELP: &str = "\
Three servers behind nginx, and how many queries 1,000 requests over 50 keys come to: without
coalescing, with it, and with routing by a consistent hash too.

Usage: cargo run -p nginx-example

The processes that it starts, each of which prints its address and ends with its standard input:
  nginx-example serve --database ADDRESS [--alone]    an instance; `--alone` turns coalescing off
  nginx-example balance [--hash] ADDRESS...           nginx before these; `--hash` in place of round robin
";

pub(crate) enum Task {
    Help,
    Compare,
    Serve {
        database: SocketAddr,
        alone: bool,
    },
    Balance {
        by_hash: bool,
        instances: Vec<SocketAddr>,
    },
}

pub(crate) fn task() -> Result<Task> {
    let mut parser = lexopt::Parser::from_env();
    let (mut name, mut database, mut alone, mut by_hash) = (None, None, false, false);
    let mut instances = Vec::new();
    while let Some(arg) = parser.next().map_err(unclear)? {
        match (arg, name.as_deref()) {
            (Short('h') | Long("help"), _) => return Ok(Task::Help),
            (Value(value), None) => name = Some(value.string().map_err(unclear)?),
            (Long("database"), Some("serve")) => {
                let value = parser.value().map_err(unclear)?;
                database = Some(value.parse().map_err(unclear)?);
            }
            (Long("alone"), Some("serve")) => alone = true,
            (Long("hash"), Some("balance")) => by_hash = true,
            (Value(value), Some("balance")) => instances.push(value.parse().map_err(unclear)?),
            (other, _) => return Err(unclear(other.unexpected())),
        }
    }
    match (name.as_deref(), database) {
        (None, _) => Ok(Task::Compare),
        (Some("serve"), Some(database)) => Ok(Task::Serve { database, alone }),
        (Some("balance"), _) if !instances.is_empty() => Ok(Task::Balance { by_hash, instances }),
        (Some(_), _) => Err(unclear("there is a word too many, or an address missing")),
    }
}

fn unclear(error: impl Display) -> String {
    format!("{error}; --help lists what there is")
}
