//! Four processes of one service on one database: 1,000 requests over 50 keys, and how many queries come of them, each
//! process for itself and all of them in one cluster.
//!
//! All processes are this program, but the Redis:
//!
//! ```text
//! the load ──► four processes ──► the database
//! │                  └──► Redis         │
//! └──────────── the parent ─────────────┘
//! ```
//!
//! 1. [`cli`]: how many requests, over how many keys.
//! 2. [`member`]: a process, and the one function that is coalesced.
//! 3. [`scene`]: what happens while the requests are on their way; [`fleet`] is who takes part, [`load`] what is asked.
//! 4. The database counts the queries, and is asked for the number: nothing of it is computed here.

mod cli;
mod fleet;
mod load;
mod member;
mod scene;
mod store;
mod table;

use std::{env, process::ExitCode};

use servers::{Result, open_files};

use cli::Task;
use load::Load;
use store::Store;

// On one thread, so that requests are sent in their order.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match cli::task(env::args_os()) {
        Ok(Task::Help) => {
            print!("{}", cli::HELP);
            Ok(())
        }
        Ok(Task::Compare(load)) => compare(load).await,
        Ok(Task::Serve { database, prefix }) => member::serve(database, prefix).await,
        Ok(Task::Redis { port }) => servers::store::serve(port).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(load: Load) -> Result<()> {
    // Inherited by all that is started. This process has one end of each request, and one of each query.
    open_files((load.requests + load.most_queries() + 200) as u64)?;
    let url = env::var("REDIS_URL").ok().filter(|url| !url.is_empty());
    let mut store = Store::open(url).await?;
    println!("{}\n", table::title(load, &store));
    println!("{}", table::HEAD);
    println!("{}", scene::alone(load).await?);
    println!("{}", scene::across(load, &store).await?);
    println!("{}", scene::leader_killed(load, &store).await?);
    if store.is_ours() {
        let [killed, back] = scene::redis_killed(load, &mut store).await?;
        println!("{killed}\n{back}");
    }
    store.kill().await?;
    println!("\n{}", table::end(&store));
    Ok(())
}
