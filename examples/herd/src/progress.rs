//! What the program is doing right now, on stderr.

use std::io::{self, IsTerminal, Write};

/// One line that is rewritten on a terminal; a line for each step elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
        }
    }

    /// Nobody to tell is no reason to stop: what can't be written is left out.
    pub(crate) fn show(&self, step: &str) {
        let mut stderr = io::stderr().lock();
        let _ = if self.terminal {
            write!(stderr, "\r\x1b[2K{step}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{step}")
        };
    }
}

/// Leaves the line to whatever is printed next.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
