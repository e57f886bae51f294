//! The command line: what the program is asked to do.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
};

use lexopt::prelude::*;

use crate::{
    failure::Failure,
    members::{MEMBER, REDIS},
};

pub(crate) const HELP: &str = "\
A shop's web service whose three expensive queries are shared by identical requests, and a page
that shows it: open the address it prints in a browser.

Usage: cargo run --release -p service -- [OPTIONS]

Options:
  --members N      so many processes of it on this machine, from 2 to 8, which share their
                   queries: a cluster. They meet in the Redis of --redis; without it a
                   `redis-server` is started on a free port, and ends with them
  --redis URL      takes part in a cluster, in this Redis:
                   redis://[user:password@]host[:port][/database]. A Redis that is away is no
                   error
  --port N         where to listen; 0 for any port that is free  [default: 8080]
  --host ADDRESS   of which network; the controls of the page are open to all who reach
                   it                                            [default: 127.0.0.1]
  --database PATH  the SQLite file, made if it isn't there       [default: service.db, next to
                   the program]
  -h, --help       this text

Environment:
  PORT             stands in for --port
  REDIS_URL        stands in for --redis, and keeps a password out of the list of processes
  RUST_LOG         what to log: `tower_http=debug,coalesced=info` for every request and what it
                   shared

The processes that --members starts, each of which prints its address and ends with its
standard input: `service member [OPTIONS]`, `service redis`
";

/// With one more each question would wait longer for the database than for anything else.
const MOST_MEMBERS: u16 = 8;

#[derive(Debug)]
pub(crate) enum Task {
    Help,
    Serve(Args),
    /// A Redis, until the parent is gone.
    Redis,
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) address: SocketAddr,
    pub(crate) database: PathBuf,
    /// The Redis of a cluster.
    pub(crate) redis: Option<String>,
    /// How many processes there are to be, this one among them.
    pub(crate) members: usize,
    /// Another process has started it.
    pub(crate) is_child: bool,
}

impl Task {
    pub(crate) fn from_env() -> Result<Self, Failure> {
        Self::parse(
            env::args_os(),
            env::var_os("PORT"),
            env::var_os("REDIS_URL"),
        )
    }

    fn parse(
        args: impl IntoIterator<Item = OsString>,
        port_by_environment: Option<OsString>,
        redis_by_environment: Option<OsString>,
    ) -> Result<Self, Failure> {
        let (mut port, mut host, mut database) = (None, IpAddr::V4(Ipv4Addr::LOCALHOST), None);
        let (mut redis, mut members, mut is_child) = (None, 1, false);
        let mut parser = lexopt::Parser::from_iter(args);
        while let Some(arg) = parser.next().map_err(unclear)? {
            match arg {
                Short('h') | Long("help") => return Ok(Self::Help),
                Value(word) if word == REDIS => return Ok(Self::Redis),
                Value(word) if word == MEMBER => is_child = true,
                Long("redis") => {
                    redis = Some(parser.value().map_err(unclear)?);
                }
                Long("members") => {
                    let range = 2..=MOST_MEMBERS;
                    members = number("--members", range, &parser.value().map_err(unclear)?)?;
                }
                Long("port") => {
                    port = Some(number("--port", PORTS, &parser.value().map_err(unclear)?)?);
                }
                Long("host") => {
                    let value = parser.value().map_err(unclear)?;
                    host = value.to_string_lossy().parse().map_err(|_| {
                        Failure::new(format!(
                            "`{}` is no value for --host; give an IP address like 127.0.0.1",
                            value.display()
                        ))
                    })?;
                }
                Long("database") => {
                    database = Some(PathBuf::from(parser.value().map_err(unclear)?));
                }
                other => return Err(unclear(other.unexpected())),
            }
        }
        let given = |value: &OsString| !value.is_empty();
        let port = match (port, port_by_environment.filter(given)) {
            (Some(port), _) => port,
            (None, Some(port)) => number("PORT", PORTS, &port)?,
            (None, None) => 8080,
        };
        let redis = redis.or(redis_by_environment.filter(given));
        Ok(Self::Serve(Args {
            address: SocketAddr::new(host, port),
            database: database.unwrap_or_else(next_to_the_program),
            redis: redis.map(|url| url.to_string_lossy().into_owned()),
            members: members.into(),
            is_child,
        }))
    }
}

fn unclear(error: impl Display) -> Failure {
    Failure::new(format!("{error}; --help lists the options"))
}

const PORTS: RangeInclusive<u16> = 0..=u16::MAX;

fn number(name: &str, range: RangeInclusive<u16>, value: &OsStr) -> Result<u16, Failure> {
    let text = value.to_string_lossy();
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (least, most) = range.into_inner();
        Failure::new(format!(
            "`{text}` is no value for {name}; give a number from {least} to {most}"
        ))
    })
}

/// In `target`, where `cargo clean` finds it.
fn next_to_the_program() -> PathBuf {
    let folder = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.to_owned()));
    folder.unwrap_or_else(env::temp_dir).join("service.db")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str], port: Option<&str>, redis: Option<&str>) -> Result<Args, String> {
        let args = ["service"].iter().chain(args).map(OsString::from);
        match Task::parse(args, port.map(OsString::from), redis.map(OsString::from)) {
            Ok(Task::Serve(args)) => Ok(args),
            Ok(other) => Err(format!("{other:?}")),
            Err(failure) => Err(failure.to_string()),
        }
    }

    fn address(args: &[&str], port: Option<&str>) -> Result<String, String> {
        parse(args, port, None).map(|args| args.address.to_string())
    }

    #[test]
    fn only_this_machine_is_served_unless_told_otherwise() {
        assert_eq!(address(&[], None).unwrap(), "127.0.0.1:8080");
        assert_eq!(address(&["--host", "::"], None).unwrap(), "[::]:8080");
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        assert_eq!(address(&[], Some("81")).unwrap(), "127.0.0.1:81");
        assert_eq!(address(&["--port=82"], Some("81")).unwrap(), "127.0.0.1:82");
    }

    #[test]
    fn a_refusal_says_what_to_give() {
        assert_eq!(
            address(&["--port", "http"], None).unwrap_err(),
            "`http` is no value for --port; give a number from 0 to 65535"
        );
        assert_eq!(
            address(&[], Some("70000")).unwrap_err(),
            "`70000` is no value for PORT; give a number from 0 to 65535"
        );
        assert_eq!(
            address(&["--members", "9"], None).unwrap_err(),
            "`9` is no value for --members; give a number from 2 to 8"
        );
        assert!(address(&["--prot"], None).unwrap_err().contains("--help"));
    }

    #[test]
    fn a_process_is_for_itself_unless_it_has_a_redis_to_meet_others_in() {
        let redis = |args: &[&str], environment| parse(args, None, environment).unwrap().redis;
        assert_eq!(redis(&[], None), None);
        assert_eq!(redis(&[], Some("")), None);
        assert_eq!(redis(&[], Some("redis://a")).unwrap(), "redis://a");
        let flag = redis(&["--redis", "redis://b"], Some("redis://a"));
        assert_eq!(flag.unwrap(), "redis://b");
        assert_eq!(parse(&[], None, None).unwrap().members, 1);
        assert_eq!(parse(&["--members=3"], None, None).unwrap().members, 3);
    }
}
