//! A herd of callers asks a real database for the same thing at the same moment.
//!
//! 1. [`cli`](cli::Args) says what to ask and where; a [`database`](database::Database) with a
//!    million rows is made if it isn't there.
//! 2. Three [rounds](round::Herd::round): without the attribute, with it, and with it while
//!    callers are cancelled. [`sales`] is where the attribute stands.
//! 3. A [report](report::Report), if the database counted the queries that the group admits to.

mod cli;
mod connections;
mod database;
mod dice;
mod failure;
mod postgres;
mod progress;
mod report;
mod round;
mod sales;
mod sqlite;

use std::{
    io::{self, ErrorKind, Write},
    process::ExitCode,
    sync::Arc,
};

use crate::{
    cli::Args,
    database::Database,
    failure::Failure,
    progress::Progress,
    report::{Report, grouped},
    round::{Herd, Manner},
    sales::Sales,
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where even stderr is closed the exit code has to do.
            let _ = writeln!(io::stderr(), "herd: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let Some(args) = Args::from_env()? else {
        return print(cli::HELP);
    };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format!("can't start threads: {error}; raise the limits")))?;
    let text = runtime.block_on(rounds(args))?;
    print(&text)
}

async fn rounds(args: Args) -> Result<String, Failure> {
    let Args {
        callers,
        keys,
        rows,
        pool,
        seed,
        place,
    } = args;
    let progress = Progress::new();
    let herd = Herd {
        db: Arc::new(Database::open(place, rows, pool, &progress).await?),
        callers,
        seed,
        answers: (0..keys)
            .map(|category| Sales::expected(category, rows))
            .collect(),
    };
    let mut rounds = Vec::new();
    for manner in [Manner::Alone, Manner::Together, Manner::Cancelled] {
        progress.show(&format!("round {} of 3", rounds.len() + 1));
        rounds.push(herd.round(manner).await?);
    }
    Ok(format!(
        "{}; rows {}, connections {pool}, callers {}, keys {keys}\n\n{}\n\
         Every answer was right, the counts agree, and nothing stayed in flight.\n",
        herd.db,
        grouped(rows),
        grouped(callers),
        Report(&rounds),
    ))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => {
            written.map_err(|error| Failure::new(format!("can't print the report: {error}")))
        }
    }
}
