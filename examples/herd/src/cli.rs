//! The command line: what the program is asked to do.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt::Display,
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
};

use lexopt::prelude::*;
use sqlx::postgres::PgConnectOptions;

use crate::{
    database::Place,
    failure::{Failure, reason},
    sales,
};

pub(crate) const HELP: &str = "\
A herd of callers asks a database for the same thing at the same moment: first without
#[coalesce], then with it, then with it while callers are cancelled at random. The database
itself counts the queries that ran; the program fails if it counted anything else than the
group's own statistics say.

Usage: cargo run --release -p herd -- [OPTIONS]

Options:
  --callers N         how many ask at once                       [default: 100]
  --keys N            how many different things they ask for     [default: 1]
  --rows N            rows of the table                          [default: 1000000]
  --pool N            connections to the database                [default: 10]
  --seed N            which callers are cancelled, and when      [default: 11]
  --database PATH     the SQLite file, made if it isn't there    [default: herd.db, next to
                      the program]
  --database-url URL  ask a PostgreSQL server instead, at postgres://user:password@host/name;
                      the table `coalesced_herd` is made in it
  -h, --help          this text

Environment:
  DATABASE_URL        stands in for --database-url where neither that nor --database is given
";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) callers: usize,
    pub(crate) keys: i32,
    pub(crate) rows: i32,
    pub(crate) pool: u32,
    pub(crate) seed: u64,
    pub(crate) place: Place,
}

impl Args {
    /// `None` where only help is asked for.
    pub(crate) fn from_env() -> Result<Option<Self>, Failure> {
        Self::parse(env::args_os(), env::var_os("DATABASE_URL"))
    }

    fn parse(
        args: impl IntoIterator<Item = OsString>,
        database_url: Option<OsString>,
    ) -> Result<Option<Self>, Failure> {
        let (mut callers, mut keys, mut rows, mut pool) = (100, 1, 1_000_000, 10);
        // With this seed the first few to lead give up.
        let mut seed = 11;
        let (mut file, mut url) = (None, None);
        let mut parser = lexopt::Parser::from_iter(args);
        while let Some(arg) = parser.next().map_err(unclear)? {
            let name = match arg {
                Short('h') | Long("help") => return Ok(None),
                Long(name) => name.to_owned(),
                other => return Err(unclear(other.unexpected())),
            };
            let mut value = || parser.value().map_err(unclear);
            match name.as_str() {
                "callers" => callers = number(&name, &value()?, 1..=100_000)?,
                "keys" => keys = number(&name, &value()?, 1..=sales::CATEGORIES)?,
                "rows" => rows = number(&name, &value()?, 1..=100_000_000)?,
                "pool" => pool = number(&name, &value()?, 1..=1_000)?,
                "seed" => seed = number(&name, &value()?, 0..=u64::MAX)?,
                "database" => file = Some(PathBuf::from(value()?)),
                "database-url" => url = Some(value()?),
                _ => return Err(unclear(format_args!("invalid option '--{name}'"))),
            }
        }
        let place = match (file, url) {
            (Some(_), Some(_)) => {
                return Err(Failure::new(
                    "--database names an SQLite file and --database-url a PostgreSQL server; \
                     give one of them",
                ));
            }
            (Some(file), None) => Place::File(file),
            (None, Some(url)) => server("--database-url", &url)?,
            (None, None) => match database_url.filter(|url| !url.is_empty()) {
                Some(url) => server("DATABASE_URL", &url)?,
                None => Place::File(next_to_the_program()),
            },
        };
        Ok(Some(Self {
            callers,
            keys,
            rows,
            pool,
            seed,
            place,
        }))
    }
}

fn unclear(error: impl Display) -> Failure {
    Failure::new(format!("{error}; --help lists the options"))
}

fn number<N>(name: &str, value: &OsStr, range: RangeInclusive<N>) -> Result<N, Failure>
where
    N: FromStr + PartialOrd + Display,
{
    let text = value.to_string_lossy();
    match text.replace('_', "").parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(Failure::new(format!(
            "`{text}` is no value for --{name}; give a number from {} to {}",
            range.start(),
            range.end(),
        ))),
    }
}

/// The URL may hold a password, so no message repeats more of it than its scheme.
fn server(origin: &str, url: &OsStr) -> Result<Place, Failure> {
    let url = url.to_string_lossy();
    let form = "it has the form postgres://user:password@host:5432/name";
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => match PgConnectOptions::from_str(&url) {
            Ok(options) => Ok(Place::Server(Box::new(options))),
            Err(error) => Err(Failure::new(format!(
                "the URL in {origin} can't be read ({}); {form}",
                reason(&error),
            ))),
        },
        Some((scheme, _)) => Err(Failure::new(format!(
            "the URL in {origin} begins with `{scheme}:`, but only PostgreSQL is reached by URL; \
             {form}, and an SQLite file is named with --database PATH",
        ))),
        None => Err(Failure::new(format!(
            "what {origin} holds is no URL; {form}"
        ))),
    }
}

/// In `target`, where `cargo clean` finds it.
fn next_to_the_program() -> PathBuf {
    let folder = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.to_owned()));
    folder.unwrap_or_else(env::temp_dir).join("herd.db")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str], database_url: Option<&str>) -> Result<Args, String> {
        let args = ["herd"].iter().chain(args).map(OsString::from);
        match Args::parse(args, database_url.map(OsString::from)) {
            Ok(args) => args.ok_or_else(|| "help".to_owned()),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn defaults_need_no_flag() {
        let args = parse(&[], None).unwrap();
        assert_eq!(
            (args.callers, args.keys, args.rows, args.pool),
            (100, 1, 1_000_000, 10)
        );
        assert!(matches!(args.place, Place::File(_)));
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let elsewhere = Some("postgres://localhost/herd");
        assert!(matches!(
            parse(&[], elsewhere).unwrap().place,
            Place::Server(_)
        ));
        let args = parse(&["--database", "a.db", "--rows=2_000"], elsewhere).unwrap();
        assert!(matches!(args.place, Place::File(_)));
        assert_eq!(args.rows, 2_000);
    }

    #[test]
    fn a_refusal_names_the_flag_and_never_the_password() {
        let refusal = parse(&["--callers", "0"], None).unwrap_err();
        assert_eq!(
            refusal,
            "`0` is no value for --callers; give a number from 1 to 100000"
        );
        for url in [
            "mysql://me:secret@host/db",
            "postgres://me:secret@host:port/db",
            "me:secret",
        ] {
            let refusal = parse(&["--database-url", url], None).unwrap_err();
            assert!(!refusal.contains("secret"), "{refusal}");
            assert!(refusal.contains("--database-url"), "{refusal}");
        }
    }
}
