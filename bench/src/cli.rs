//! The command line: what the program is asked to do.

use std::{ffi::OsString, fmt::Display, path::PathBuf};

use lexopt::prelude::*;

use crate::{contenders, workload::Workload};

pub(crate) const HELP: &str = "\
Measures `coalesced` beside its peers, and prints Markdown tables.

Usage: cargo run --release -p coalesce-bench -- [OPTIONS]

Options:
  --quick             fewer rounds: a first impression in under a minute, without charts
  --workload NAME     one of lone, fan-in, hot-key, slow-bodies, many-keys, open, pool, http;
                      may be repeated
  --only TEXT         contenders whose name contains this, and the limits; without charts
  --charts DIR        where to draw charts, which is then done also with --quick and --only
                      [default: docs/charts, which README.md and docs/cost.md show]
  -h, --help          this text
";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) quick: bool,
    pub(crate) workloads: Vec<Workload>,
    /// Empty for all.
    pub(crate) only: String,
    /// `None` where no charts are wanted.
    pub(crate) charts: Option<PathBuf>,
}

impl Args {
    /// `None` where only help is asked for; an error is one sentence.
    pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut quick, mut workloads, mut only, mut charts) = (false, vec![], String::new(), None);
        let mut parser = lexopt::Parser::from_iter(args);
        while let Some(arg) = parser.next().map_err(unclear)? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Long("quick") => quick = true,
                Long("workload") => workloads.push(workload(&text(&mut parser)?)?),
                Long("only") => only = contender(text(&mut parser)?)?,
                Long("charts") => charts = Some(parser.value().map_err(unclear)?.into()),
                other => return Err(unclear(other.unexpected())),
            }
        }
        if workloads.is_empty() {
            workloads = Workload::ALL.into();
        }
        if charts.is_none() && !quick && only.is_empty() {
            charts = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/charts").into());
        }
        Ok(Some(Self {
            quick,
            workloads,
            only,
            charts,
        }))
    }
}

fn unclear(error: impl Display) -> String {
    format!("{error}; --help lists the options")
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    parser.value().and_then(ValueExt::string).map_err(unclear)
}

fn workload(name: &str) -> Result<Workload, String> {
    let found = Workload::ALL
        .into_iter()
        .find(|workload| workload.name() == name);
    found.ok_or_else(|| {
        let all = Workload::ALL.map(Workload::name).join(", ");
        format!("`{name}` is no workload; give one of {all}")
    })
}

fn contender(part: String) -> Result<String, String> {
    let names = contenders::names();
    if names.iter().any(|name| name.contains(&part)) {
        Ok(part)
    } else {
        Err(format!(
            "no contender's name contains `{part}`; they are {}",
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Args, String> {
        let args = ["bench"].iter().chain(args).map(OsString::from);
        Args::parse(args)?.ok_or_else(|| "help".to_owned())
    }

    #[test]
    fn charts_are_of_full_runs_unless_asked_for() {
        assert!(parse(&[]).unwrap().charts.is_some());
        assert_eq!(parse(&["--quick"]).unwrap().charts, None);
        assert_eq!(parse(&["--only", "moka"]).unwrap().charts, None);
        let asked = parse(&["--quick", "--charts", "here"]).unwrap();
        assert_eq!(asked.charts, Some("here".into()));
    }

    #[test]
    fn workloads_are_chosen_by_name() {
        assert_eq!(parse(&[]).unwrap().workloads, Workload::ALL);
        let args = parse(&["--workload", "pool", "--workload=lone"]).unwrap();
        assert_eq!(args.workloads, [Workload::Pool, Workload::Lone]);
    }

    #[test]
    fn a_refusal_says_what_would_do() {
        for (args, refusal) in [
            (
                &["--workload", "x"][..],
                "`x` is no workload; give one of lone, ",
            ),
            (
                &["--only", "x-y"],
                "no contender's name contains `x-y`; they are #[coalesce], ",
            ),
            (
                &["--rounds", "7"],
                "invalid option '--rounds'; --help lists the options",
            ),
            (
                &["more"],
                "unexpected argument \"more\"; --help lists the options",
            ),
        ] {
            let said = parse(args).unwrap_err();
            assert!(said.starts_with(refusal), "{said}");
        }
    }
}
