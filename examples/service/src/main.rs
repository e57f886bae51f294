//! See the [library](service), which the tests use, too.

use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    match service::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where even stderr is closed the exit code has to do.
            let _ = writeln!(io::stderr(), "service: {failure}");
            ExitCode::FAILURE
        }
    }
}
