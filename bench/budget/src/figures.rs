//! What one call of a path costs, and the file of what it may cost.
//!
//! A line of the file is a path and its three figures, `-` being one that is not held. It is for a human to
//! read and to edit; a line that begins with `#` is a comment.

use std::{
    env,
    fmt::{self, Write as _},
    fs,
    path::{Path, PathBuf},
};

use crate::count::Count;

/// How many more instructions are let pass, in per cent.
pub(crate) const SLACK: f64 = 2.0;

/// A thousandth is the smallest difference there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figure(u64);

impl Figure {
    fn parse(text: &str) -> Option<Self> {
        let figure: f64 = text.replace(',', "").parse().ok()?;
        Some(Self((figure * 1_000.0).round() as u64))
    }

    /// By how much this is more than the other, in per cent.
    pub(crate) fn over(self, other: Self) -> f64 {
        match (self.0, other.0) {
            (0, 0) => 0.0,
            (now, allowed) => 100.0 * (now as f64 / allowed as f64 - 1.0),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.0 as f64 / 1_000.0);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// What is counted, in the order of the columns.
pub(crate) const KINDS: [&str; 3] = ["instructions", "allocations", "bytes"];

/// The figures of one path, `None` where one is not counted or not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures(pub(crate) [Option<Figure>; KINDS.len()]);

impl Figures {
    /// For each call.
    pub(crate) fn each(count: Count, instructions: Option<u64>) -> Self {
        let each = |all: u64| (all as f64 * 1_000.0 / count.calls as f64).round() as u64;
        // Parts of an instruction are noise.
        let instructions = instructions.map(|all| Figure((each(all) + 500) / 1_000 * 1_000));
        Self([
            instructions,
            Some(Figure(each(count.allocations))),
            Some(Figure(each(count.bytes))),
        ])
    }
}

/// A path's line in the file.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) path: String,
    pub(crate) figures: Figures,
}

/// The file of allowed figures. There is one for each set of features, since these change what a call does.
pub(crate) struct File {
    pub(crate) at: PathBuf,
    pub(crate) lines: Vec<Line>,
    /// What they were counted with.
    pub(crate) environment: String,
}

const FEATURES: &[(&str, bool)] = &[
    ("spawn", cfg!(feature = "spawn")),
    ("time", cfg!(feature = "time")),
    ("http", cfg!(feature = "http")),
    ("metrics", cfg!(feature = "metrics")),
    ("tracing", cfg!(feature = "tracing")),
];

const COUNTED_WITH: &str = "# Counted with ";

impl File {
    pub(crate) fn read() -> Result<Self, String> {
        let features = FEATURES.iter().filter(|(_, on)| *on);
        let features: Vec<_> = features.map(|(name, _)| *name).collect();
        let name = match &features[..] {
            [] => "no-features.txt".to_owned(),
            _ => features.join("-") + ".txt",
        };
        let at = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("figures")
            .join(name);
        let here = env::current_dir().unwrap_or_default();
        let at = at.strip_prefix(here).unwrap_or(&at).to_owned();
        let text = fs::read_to_string(&at).unwrap_or_default();
        let mut file = Self {
            at,
            lines: vec![],
            environment: String::new(),
        };
        for (line, number) in text.lines().zip(1..) {
            if let Some(environment) = line.strip_prefix(COUNTED_WITH) {
                environment.clone_into(&mut file.environment);
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let line = parse(line, number).ok_or_else(|| {
                let at = file.at.display();
                format!("{at}:{number}: expected a path, two spaces, and three figures: `{line}`")
            })?;
            file.lines.push(line);
        }
        Ok(file)
    }

    pub(crate) fn of(&self, path: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.path == path)
    }

    /// Writes it anew, with what was measured.
    pub(crate) fn write(
        &self,
        environment: &str,
        measured: &[(&str, Figures)],
    ) -> Result<(), String> {
        let mut text = format!(
            "\
# What one call may cost. `cargo run --release -p coalesce-budget` fails if it costs more, and with `-- --write`
# writes this file anew. Instructions may be {} % more; allocations and bytes may not.
{COUNTED_WITH}{environment}

# {:32}",
            SLACK,
            "path"
        );
        for kind in KINDS {
            let _ = write!(text, "{kind:>14}");
        }
        for (path, figures) in measured {
            let _ = write!(text, "\n{path:34}");
            for figure in figures.0 {
                let figure = figure.map_or("-".to_owned(), |figure| figure.to_string());
                let _ = write!(text, "{figure:>14}");
            }
        }
        text.push('\n');
        fs::write(&self.at, text).map_err(|error| format!("{}: {error}", self.at.display()))
    }
}

fn parse(line: &str, number: usize) -> Option<Line> {
    let (path, figures) = line.split_once("  ")?;
    let figures: Vec<_> = figures.split_whitespace().collect();
    let mut held = [None; KINDS.len()];
    if figures.len() != held.len() {
        return None;
    }
    for (held, figure) in held.iter_mut().zip(figures) {
        if figure != "-" {
            *held = Some(Figure::parse(figure)?);
        }
    }
    Some(Line {
        number,
        path: path.to_owned(),
        figures: Figures(held),
    })
}
