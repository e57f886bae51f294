//! Three servers behind nginx: 1,000 requests over 50 keys, and how many queries come of them.
//!
//! Four kinds of processes, all of them this program but nginx:
//!
//! ```text
//! the load ──► nginx ──► three instances ──► the database
//! └────────────────── the parent ──────────────────────┘
//! ```
//!
//! The parent is both ends of it: it sends the requests and counts the queries, so it can tell what the servers
//! between made of them. Coalescing works within a process. What meets in one instance runs once, and the
//! balancer decides what meets.

mod balancer;
mod cli;
mod instance;
mod round;

use std::process::ExitCode;

use servers::{Result, open_files};

use cli::Task;
use round::{KEYS, REQUESTS, ROUNDS, Round};

/// What a process may have open: the parent has both ends of 1,000 requests, nginx has each on both sides.
const FILES: u64 = 2_500;

// On one thread, so that requests are sent in their order.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match cli::task() {
        Ok(Task::Help) => {
            print!("{}", cli::HELP);
            Ok(())
        }
        Ok(Task::Compare) => compare().await,
        Ok(Task::Serve { database, alone }) => instance::serve(database, alone).await,
        Ok(Task::Balance { by_hash, instances }) => balancer::balance(by_hash, &instances).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nginx-example: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare() -> Result<()> {
    balancer::find()?;
    // Inherited by all that is started.
    open_files(FILES)?;
    println!("{REQUESTS} requests over {KEYS} keys, three instances\n");
    println!("coalescing  balancer     queries  requests of each instance");
    for round in ROUNDS {
        let outcome = round.run().await?;
        let Round {
            coalescing,
            by_hash,
        } = round;
        println!(
            "{:<12}{:<13}{:>7}  {}",
            if coalescing { "on" } else { "off" },
            if by_hash { "by hash" } else { "round robin" },
            outcome.queries,
            outcome.loads(),
        );
        outcome.check(round)?;
    }
    Ok(())
}
