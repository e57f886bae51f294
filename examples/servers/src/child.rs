//! Processes that end with their parent, whatever ends it.
//!
//! 1. The parent holds the writing end of each child's standard input, and writes nothing.
//! 2. A child that is ready prints its address, the one line on its standard output.
//! 3. When the parent drops the [`Child`], panics or is killed, the input ends, and with it the child.
//!
//! A program that would not see this, as nginx, is a child of a child: [`host`].
//!
//! A Ctrl-C is the parent's alone: its children are in process groups of their own, so that they can clean up.

use std::{env, io, net::SocketAddr, process::Stdio, thread, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{self, Command},
    select,
    sync::oneshot,
    time::sleep,
};

use crate::{Result, http};

/// Another process of this program.
#[derive(Debug)]
pub struct Child {
    address: SocketAddr,
    process: process::Child,
}

impl Child {
    /// One that does this, when it is ready. A secret is in its environment: its arguments can be seen by everybody.
    ///
    /// # Errors
    ///
    /// If it ends before.
    pub async fn start(args: &[String], environment: &[(&str, &str)]) -> Result<Self> {
        let program = env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .args(args)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        let started = command.spawn();
        let mut process = started.map_err(|error| format!("can't start {args:?}: {error}"))?;
        let output = process.stdout.take().expect("it is piped");
        let line = BufReader::new(output).lines().next_line().await;
        match line.ok().flatten().and_then(|line| line.parse().ok()) {
            Some(address) => Ok(Self { address, process }),
            None => Err(format!("{args:?} ended before it was ready")),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and waits until it has ended.
    ///
    /// # Errors
    ///
    /// If it does not end well.
    pub async fn end(mut self) -> Result<()> {
        // This closes its input first.
        match self.process.wait().await {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("a process did not end well: {status}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Kills it, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// If it can't be killed.
    pub async fn kill(mut self) -> Result<()> {
        self.process.kill().await.map_err(|error| error.to_string())
    }
}

/// The sum of what these say, each of which says a number there.
///
/// # Errors
///
/// If one of them does not.
pub async fn sum(children: &[Child], path: &str) -> Result<usize> {
    let mut sum = 0;
    for child in children {
        let number = http::get(child.address(), path).await?.into_body();
        sum += number
            .parse::<usize>()
            .map_err(|_| format!("{path} says {number:?}"))?;
    }
    Ok(sum)
}

/// For the child: tells the parent where it listens.
pub fn ready(address: SocketAddr) {
    println!("{address}");
}

/// For the child: returns when the parent is gone, or wants it to end.
pub async fn dismissed() {
    let (ended, end) = oneshot::channel::<()>();
    // A thread that nobody waits for. Tokio's own standard input would hold up the end of the runtime.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(ended);
    });
    let _ = end.await;
}

/// For the child: runs a program that listens there, until the parent is gone or wants it to end. Then it is killed.
///
/// # Errors
///
/// If it does not start, or ends by itself.
pub async fn host(mut program: Command, address: SocketAddr) -> Result<()> {
    let name = program
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let explain = |error| format!("can't start {name}: {error}");
    let mut running = program
        .stdin(Stdio::null())
        .stdout(Stdio::null()) // Where the parent reads the address.
        .kill_on_drop(true)
        .spawn()
        .map_err(explain)?;
    let dismissed = dismissed();
    let serving = async {
        while TcpStream::connect(address).await.is_err() {
            if let Ok(Some(status)) = running.try_wait() {
                return Err(format!("{name} does not start: {status}"));
            }
            sleep(Duration::from_millis(5)).await;
        }
        ready(address);
        match running.wait().await {
            Ok(status) => Err(format!("{name} ended: {status}")),
            Err(error) => Err(explain(error)),
        }
    };
    select! {
        ended = serving => return ended,
        () = dismissed => {}
    }
    running.kill().await.map_err(explain)
}
