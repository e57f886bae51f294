//! The command line: what the program is asked to do.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use lexopt::prelude::*;

use crate::failure::Failure;

pub(crate) const HELP: &str = "\
A shop's web service whose three expensive queries are shared by identical requests, and a page
that shows it: open the address it prints in a browser.

Usage: cargo run --release -p service -- [OPTIONS]

Options:
  --port N         where to listen; 0 for any port that is free  [default: 8080]
  --host ADDRESS   of which network; the controls of the page are open to all who reach
                   it                                            [default: 127.0.0.1]
  --database PATH  the SQLite file, made if it isn't there       [default: service.db, next to
                   the program]
  -h, --help       this text

Environment:
  PORT             stands in for --port
  RUST_LOG         what to log: `tower_http=debug,coalesced=info` for every request and what it
                   shared
";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) address: SocketAddr,
    pub(crate) database: PathBuf,
}

impl Args {
    /// `None` where only help is asked for.
    pub(crate) fn from_env() -> Result<Option<Self>, Failure> {
        Self::parse(env::args_os(), env::var_os("PORT"))
    }

    fn parse(
        args: impl IntoIterator<Item = OsString>,
        environment: Option<OsString>,
    ) -> Result<Option<Self>, Failure> {
        let (mut port, mut host, mut database) = (None, IpAddr::V4(Ipv4Addr::LOCALHOST), None);
        let mut parser = lexopt::Parser::from_iter(args);
        while let Some(arg) = parser.next().map_err(unclear)? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Long("port") => {
                    port = Some(number("--port", &parser.value().map_err(unclear)?)?);
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
        let port = match (port, environment.filter(|port| !port.is_empty())) {
            (Some(port), _) => port,
            (None, Some(port)) => number("PORT", &port)?,
            (None, None) => 8080,
        };
        Ok(Some(Self {
            address: SocketAddr::new(host, port),
            database: database.unwrap_or_else(next_to_the_program),
        }))
    }
}

fn unclear(error: impl Display) -> Failure {
    Failure::new(format!("{error}; --help lists the options"))
}

fn number(name: &str, value: &OsStr) -> Result<u16, Failure> {
    let text = value.to_string_lossy();
    text.parse().map_err(|_| {
        Failure::new(format!(
            "`{text}` is no value for {name}; give a number from 0 to 65535"
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

    fn address(args: &[&str], port: Option<&str>) -> Result<String, String> {
        let args = ["service"].iter().chain(args).map(OsString::from);
        match Args::parse(args, port.map(OsString::from)) {
            Ok(args) => Ok(args.map_or("help".to_owned(), |args| args.address.to_string())),
            Err(failure) => Err(failure.to_string()),
        }
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
        assert!(address(&["--prot"], None).unwrap_err().contains("--help"));
    }
}
