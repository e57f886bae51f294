//! A path's process: this program again, under callgrind or by itself.
//!
//! Why not a framework: gungraun (once iai-callgrind) wants a runner of exactly its version installed beside
//! it, crabgrind wants libclang and valgrind's headers. What is needed of callgrind is one option and one
//! line of its output.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    count::{Count, TOGGLES},
    figures::Figures,
};

/// What the figures depend on besides the code.
pub(crate) fn environment() -> String {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output().ok();
        let output = output.and_then(|output| String::from_utf8(output.stdout).ok());
        output.map_or_else(|| format!("no {program}"), |it| it.trim().to_owned())
    };
    let (rustc, valgrind) = (version("rustc"), version("valgrind"));
    format!("{rustc}, {valgrind}, {}", env::consts::ARCH)
}

/// Where the profile of a path is.
pub(crate) fn profile(path: &str) -> PathBuf {
    let name: String = path
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let program = env::current_exe().unwrap_or_default();
    let profile = program.with_file_name("budget").join(name + ".callgrind");
    let here = env::current_dir().unwrap_or_default();
    profile.strip_prefix(here).unwrap_or(&profile).to_owned()
}

/// Counts a path: its allocations, and its instructions if `callgrind` is to be used.
pub(crate) fn measure(path: &str, callgrind: bool) -> Result<Figures, String> {
    let program = env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let profile = profile(path);
    let mut command = if callgrind {
        let _ = fs::create_dir_all(profile.with_file_name(""));
        let _ = fs::remove_file(&profile);
        let mut command = Command::new("valgrind");
        command
            .args(["--quiet", "--tool=callgrind"])
            .arg(format!("--toggle-collect={TOGGLES}"))
            .arg(format!("--callgrind-out-file={}", profile.display()))
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    let output = command
        .args(["--count", path])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => "valgrind, which counts the instructions, is not installed.\n\
                `apt-get install valgrind` installs it on Debian and its like; \
                `-- --allocations` counts the allocations alone, without it"
                .to_owned(),
            _ => format!("valgrind: {error}"),
        })?;
    let count = String::from_utf8_lossy(&output.stdout);
    let count: Vec<u64> = count.split(' ').flat_map(str::parse).collect();
    let [calls, allocations, bytes] = count[..] else {
        return Err(format!(
            "`{path}`: its process ended with {}",
            output.status
        ));
    };
    let count = Count {
        calls,
        allocations,
        bytes,
    };
    let instructions = callgrind.then(|| collected(&profile)).transpose()?;
    Ok(Figures::each(count, instructions))
}

/// The instructions in a profile.
fn collected(profile: &Path) -> Result<u64, String> {
    let at = profile.display();
    let text = fs::read_to_string(profile).map_err(|error| format!("{at}: {error}"))?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals:"));
    match totals.map(|totals| totals.trim().parse()) {
        Some(Ok(0)) => Err(format!(
            "{at}: callgrind found none of the functions `{TOGGLES}`; it needs the program's symbols"
        )),
        Some(Ok(instructions)) => Ok(instructions),
        _ => Err(format!("{at}: has no line `totals:`")),
    }
}
