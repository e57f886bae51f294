//! Where this runs: figures mean little without it.

use std::{env::consts, fs, process::Command, thread};

/// One line, with what can be found out.
pub(crate) fn description() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let mut parts = vec![format!("{cores} cores")];
    parts.extend(cpu());
    parts.push(format!("{}-{}", consts::OS, consts::ARCH));
    parts.extend(rustc());
    parts.join(", ")
}

fn cpu() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Cargo runs the program with the toolchain that built it in its environment.
fn rustc() -> Option<String> {
    let version = Command::new("rustc").arg("--version").output().ok()?;
    let text = String::from_utf8(version.stdout).ok()?;
    let mut words = text.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}
