//! The command line: what the process is asked to do.

use std::{ffi::OsString, fmt::Display, net::SocketAddr};

use lexopt::prelude::*;
use servers::Result;

use crate::load::Load;

pub(crate) const HELP: &str = "\
Four processes of one service on one database, and how many queries 1,000 requests over 50 keys come to: each
process for itself; all in one cluster, through a Redis; the same while a process that leads is killed; and while
the Redis is killed and comes back. The database itself counts. A request that fails, or another number of queries
than there should be, is an error.

Usage: cargo run --release -p fleet -- [OPTIONS]

Options:
  --requests N   in each scene: a multiple of four times the keys, up to 10000   [default: 1000]
  --keys N       how many different things they ask for, from 2                  [default: 50]
  -h, --help     this text

Environment:
  REDIS_URL      a Redis to meet in, redis://[user:password@]host[:port][/database]; it is not killed then.
                 Without it a `redis-server` is started, on a free port of this machine

The processes that it starts, each of which prints its address and ends with its standard input:
  fleet serve --database ADDRESS [--across PREFIX]    of the service; across: in the Redis at REDIS_URL
  fleet redis [--port PORT]                           a `redis-server`, on a free port if none is given
";

#[derive(Debug)]
pub(crate) enum Task {
    Help,
    Compare(Load),
    Serve {
        database: SocketAddr,
        /// What its keys in the Redis start with; `None`: it is for itself.
        prefix: Option<String>,
    },
    Redis {
        port: Option<u16>,
    },
}

pub(crate) fn task(args: impl IntoIterator<Item = OsString>) -> Result<Task> {
    let mut parser = lexopt::Parser::from_iter(args);
    let mut name = None;
    let (mut requests, mut keys) = (1_000, 50);
    let (mut database, mut prefix, mut port) = (None, None, None);
    while let Some(arg) = parser.next().map_err(unclear)? {
        let long = match arg {
            Short('h') | Long("help") => return Ok(Task::Help),
            Value(value) if name.is_none() => {
                name = Some(value.string().map_err(unclear)?);
                continue;
            }
            Long(long) => long.to_owned(),
            other => return Err(unclear(other.unexpected())),
        };
        let mut value = || parser.value().map_err(unclear);
        match (name.as_deref(), &*long) {
            (None, "requests") => requests = value()?.parse().map_err(unclear)?,
            (None, "keys") => keys = value()?.parse().map_err(unclear)?,
            (Some("serve"), "database") => database = Some(value()?.parse().map_err(unclear)?),
            (Some("serve"), "across") => prefix = Some(value()?.string().map_err(unclear)?),
            (Some("redis"), "port") => port = Some(value()?.parse().map_err(unclear)?),
            _ => return Err(unclear(format_args!("invalid option '--{long}'"))),
        }
    }
    match (name.as_deref(), database) {
        (None, _) => Ok(Task::Compare(Load::new(requests, keys)?)),
        (Some("serve"), Some(database)) => Ok(Task::Serve { database, prefix }),
        (Some("redis"), _) => Ok(Task::Redis { port }),
        (Some(_), _) => Err(unclear("there is a word too many, or an address missing")),
    }
}

fn unclear(error: impl Display) -> String {
    format!("{error}; --help lists what there is")
}
