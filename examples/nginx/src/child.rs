//! Processes that end with their parent, whatever ends it.
//!
//! 1. The parent holds the writing end of each child's standard input, and writes nothing.
//! 2. A child that is ready prints its address, the one line on its standard output.
//! 3. When the parent drops the [`Child`], panics or is killed, the input ends, and with it the child.
//!
//! A Ctrl-C is the parent's alone: its children are in process groups of their own, so that they can clean up.

use std::{env, io, net::SocketAddr, process::Stdio, thread};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    sync::oneshot,
};

use crate::Result;

pub(crate) struct Child {
    address: SocketAddr,
    process: tokio::process::Child,
}

impl Child {
    /// Another process of this program.
    pub(crate) async fn start(args: &[String]) -> Result<Self> {
        let program = env::current_exe().map_err(|error| error.to_string())?;
        let started = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn();
        let mut process = started.map_err(|error| format!("can't start {args:?}: {error}"))?;
        let output = process.stdout.take().expect("it is piped");
        let line = BufReader::new(output).lines().next_line().await;
        match line.ok().flatten().and_then(|line| line.parse().ok()) {
            Some(address) => Ok(Self { address, process }),
            None => Err(format!("{args:?} ended before it was ready")),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and waits until it has ended.
    pub(crate) async fn end(mut self) -> Result<()> {
        // This closes its input first.
        match self.process.wait().await {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("a process did not end well: {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// For the child: tells the parent where it listens.
pub(crate) fn ready(address: SocketAddr) {
    println!("{address}");
}

/// For the child: returns when the parent is gone, or wants it to end.
pub(crate) async fn dismissed() {
    let (ended, end) = oneshot::channel::<()>();
    // A thread that nobody waits for. Tokio's own standard input would hold up the end of the runtime.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(ended);
    });
    let _ = end.await;
}
