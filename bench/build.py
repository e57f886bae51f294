"""What `coalesced` costs to build, beside others: `python3 bench/build.py`, or `--quick`, in three minutes; or
`--count`, in five.

1. A clean `cargo build` of each library: how many crates, how long.
2. Functions, annotated and not: what an attribute adds to `cargo check`, `cargo build` and
   `cargo build --release`, once everything else is built.
3. The machine code that an attribute adds to each function; what the library brings itself is shared
   among them.

With `--count`, the instructions that the compiler takes to check the functions, by valgrind: they are the same each
time, and tell one commit from another by less than one in a hundred.

The projects are generated, in a temporary folder or, to be kept and looked at, in that of `--in`. Other
work on the machine makes times longer: so rounds are interleaved, medians taken, and processor time is
what to look at. Incremental compilation is off, since what is measured is the compilation of all the
functions. A full run takes a quarter of an hour, if the machine has nothing else to do.
"""

import argparse
import os
import pathlib
import resource
import statistics
import struct
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent

# Versions are fixed by whoever compares; these are the latest when this was written.
CACHED = 'cached = { version = "4.1", features = ["async"] }'  # and, by default, its macros
LIBRARIES = {
    "(nothing)": "",
    "coalesced, no features": f'coalesced = {{ path = "{REPOSITORY}", default-features = false }}',
    "coalesced": f'coalesced = {{ path = "{REPOSITORY}" }}',
    "cached, async": CACHED,
    "moka, future": 'moka = { version = "0.12", features = ["future"] }',
    "uniflight": 'uniflight = "0.8"',
    "tower-resilience-coalesce": 'tower-resilience-coalesce = "0.14"',
    "tracing": 'tracing = "0.1"',  # with its attributes, by default
}

# By the shape of the function: what stands above it.
ATTRIBUTES = {
    "unannotated": ("", ["", "", ""]),
    "#[coalesce]": (LIBRARIES["coalesced"], ["#[coalesced::coalesce]"] * 3),
    "#[cached]": (
        CACHED,
        [
            # A borrowed argument has to be made a key by hand.
            '#[cached::proc_macro::cached(sync_writes = "by_key", key = "(u64, String)", '
            "convert = { (id, name.to_owned()) })]",
            '#[cached::proc_macro::cached(sync_writes = "by_key")]',
            '#[cached::proc_macro::cached(sync_writes = "by_key")]',
        ],
    ),
    "#[instrument]": (LIBRARIES["tracing"], ["#[tracing::instrument]"] * 3),
}

# A signature, a body, and a call.
SHAPES = [
    (
        "id: u64, name: &str",
        "let text = step(id, name).await?; Ok(Row { id, text })",
        '7, "ann"',
    ),
    (
        "tenant: u64, page: u32, query: String",
        "let first = step(tenant, &query).await?; "
        "let second = step(u64::from(page), &first).await?; "
        "Ok(Row { id: tenant, text: first + &second })",
        "7, 1, String::new()",
    ),
    (
        "id: u64",
        "let mut text = String::new(); "
        'for part in 0..3 { text += &step(id + part, "part").await?; } '
        "Ok(Row { id, text })",
        "7",
    ),
]

MAIN = """
use std::{future::{Future, poll_fn}, pin::Pin, sync::Arc, task::{Context, Poll, Waker}};

#[derive(Debug)]
pub struct Error(pub u64);

/// Waits once, and may fail.
pub async fn step(id: u64, text: &str) -> Result<String, Arc<Error>> {
    let mut waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    if id == u64::MAX {
        return Err(Arc::new(Error(id)));
    }
    Ok(format!("{text} {id}"))
}

/// Has all of a call's code generated.
pub fn run<T>(mut call: Pin<&mut dyn Future<Output = Result<T, Arc<Error>>>>) {
    let mut cx = Context::from_waker(Waker::noop());
    while call.as_mut().poll(&mut cx).is_pending() {}
}
"""

# Of functions in a module, and of functions that return the same type: most of a service's return their own.
MODULE, ALIKE = 25, 5


def program(functions, above):
    """The source of a program with so many functions."""
    modules, calls = [], []
    for module in range(functions // MODULE):
        items, body = [], []
        for index in range(MODULE):
            number = module * MODULE + index
            arguments, block, call = SHAPES[number % len(SHAPES)]
            row = f"Row{number // ALIKE}"
            if number % ALIKE == 0:
                items.append(f"#[derive(Clone, Debug)] pub struct {row} {{ pub id: u64, pub text: String }}")
            items.append(above[number % len(SHAPES)])
            items.append(
                f"pub async fn function_{number}({arguments}) -> Result<{row}, Arc<Error>> {{ "
                f"{block.replace('Row', row)} }}"
            )
            body.append(f"run(pin!(function_{number}({call})));")
        modules.append(
            f"mod module_{module} {{ use super::*; use std::pin::pin;\n"
            + "\n".join(items)
            + "\npub fn all() {\n"
            + "\n".join(body)
            + "\n}}"
        )
        calls.append(f"module_{module}::all();")
    return MAIN + "\n".join(modules) + "\nfn main() {\n" + "\n".join(calls) + "\n}\n"


class Project:
    """A generated package, and its build."""

    def __init__(self, folder, dependency):
        self.folder = folder
        self.source = folder / "src" / "main.rs"
        self.source.parent.mkdir(parents=True, exist_ok=True)
        self.source.write_text("fn main() {}")
        (folder / "Cargo.toml").write_text(
            '[package]\nname = "app"\nversion = "0.0.0"\nedition = "2024"\n\n'
            f"[workspace]\n\n[dependencies]\n{dependency}\n"
        )
        self.cargo("fetch", "--quiet")

    def cargo(self, *arguments):
        """What cargo says, and the seconds that it and its compilers took: by the clock, and of processors."""
        environment = os.environ | {"CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": str(self.folder / "target")}
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            ["cargo", *arguments], cwd=self.folder, env=environment, text=True, capture_output=True
        )
        wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise SystemExit(f"cargo {' '.join(arguments)} in {self.folder}:\n{done.stderr}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return done.stderr, wall, cpu

    def build(self, source, *arguments):
        """Builds the package with this source."""
        self.source.write_text(source)
        return self.cargo(*arguments, "--offline")


def machine_code(file):
    """The bytes of a program that can be executed; it is an ELF file of 64 bits, or nothing is known."""
    data = file.read_bytes()
    if data[:5] != b"\x7fELF\x02":
        return None
    (sections,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    code = 0
    for at in range(sections, sections + size * count, size):
        (flags,) = struct.unpack_from("<Q", data, at + 8)
        (length,) = struct.unpack_from("<Q", data, at + 32)
        executable = 4
        code += length if flags & executable else 0
    return code


def table(title, head, rows):
    print(f"\n{title}\n\n| " + " | ".join(head) + " |")
    print("|---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def libraries(folder, rounds):
    projects = {
        name: Project(folder / f"library-{index}", dependency)
        for index, (name, dependency) in enumerate(LIBRARIES.items())
    }
    crates, walls, cpus = {}, {name: [] for name in projects}, {name: [] for name in projects}
    for _ in range(rounds):
        for name, project in projects.items():
            project.cargo("clean", "--quiet")
            said, wall, cpu = project.cargo("build", "--offline")
            crates[name] = said.count(" Compiling ") - 1
            walls[name].append(wall)
            cpus[name].append(cpu)
    table(
        f"A clean `cargo build`; medians of {rounds}",
        ["", "crates", "seconds", "of processors"],
        [
            [name, str(crates[name])]
            + [f"{statistics.median(seconds[name]):.1f}" for seconds in (walls, cpus)]
            for name in projects
        ],
    )


def functions(folder, count, stages):
    projects = {
        name: Project(folder / f"functions-{name.strip('#[]')}", dependency)
        for name, (dependency, _) in ATTRIBUTES.items()
    }
    for arguments, rounds in stages:
        for project in projects.values():
            project.build("fn main() {}", *arguments)  # what it depends on
        seconds = {name: [] for name in projects}
        for _ in range(rounds):
            for name, project in projects.items():
                source = program(count, ATTRIBUTES[name][1])
                seconds[name].append(project.build(source, *arguments)[2])
        seconds = {name: statistics.median(all) for name, all in seconds.items()}
        profile = "release" if "--release" in arguments else "debug"
        files = {
            name: project.folder / "target" / profile / "app" for name, project in projects.items()
        }
        code = {
            name: machine_code(file) if "build" in arguments else None
            for name, file in files.items()
        }
        plain = "unannotated"
        head = ["", "seconds of processors", "added", "for each function"]
        if None not in code.values():
            head += ["machine code, bytes", "added for each function"]
        rows = []
        for name in projects:
            added = seconds[name] - seconds[plain]
            row = [name, f"{seconds[name]:.1f}", f"{added:+.1f}", f"{1000 * added / count:+.1f} ms"]
            if code[name] is not None:
                row += [f"{code[name]:,}", f"{(code[name] - code[plain]) / count:+,.0f}"]
            rows.append(row)
        table(f"{count} functions, `cargo {' '.join(arguments)}`; medians of {rounds}", head, rows)


def instructions(folder, count):
    wrapper, log = folder / "count", folder / "count.log"
    folder.mkdir(parents=True, exist_ok=True)
    # The compiler itself, and not what chooses it.
    wrapper.write_text(
        f"""#!/bin/sh
shift
case " $* " in *" app "*) ;; *) exec rustc "$@" ;; esac
exec valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null --log-file={log} \\
  "$(rustc --print sysroot)/bin/rustc" "$@"
"""
    )
    wrapper.chmod(0o755)
    os.environ["RUSTC_WORKSPACE_WRAPPER"] = str(wrapper)
    taken = {}
    for name, (dependency, above) in ATTRIBUTES.items():
        project = Project(folder / f"count-{name.strip('#[]')}", dependency)
        for functions in (0, count):
            project.build(program(functions, above), "check")
            (line,) = [line for line in log.read_text().splitlines() if " refs:" in line]
            taken[name, functions] = int(line.split()[-1].replace(",", ""))
    rows = []
    for name in ATTRIBUTES:
        each = (taken[name, count] - taken[name, 0]) / count
        plain = (taken["unannotated", count] - taken["unannotated", 0]) / count
        rows.append([name, f"{each / 1e6:.2f}", f"{(each - plain) / 1e6:+.2f}"])
    head = ["", "million instructions each", "added"]
    table(f"{count} functions, `cargo check`", head, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer functions, and one round")
    parser.add_argument("--count", action="store_true", help="instructions of the compiler, and no times")
    parser.add_argument("--in", dest="folder", help="keep the generated projects in this folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coalesced-build-") as temporary:
        folder = pathlib.Path(arguments.folder or temporary).resolve()
        print(subprocess.run(["rustc", "--version"], text=True, capture_output=True).stdout.strip())
        if arguments.count:
            return instructions(folder, 100)
        libraries(folder, rounds=1 if arguments.quick else 3)
        check, build, release = ["check"], ["build"], ["build", "--release"]
        if arguments.quick:
            functions(folder, 50, [(check, 1), (build, 1)])
        else:
            # Optimising takes longest, and differs least from time to time.
            functions(folder, 500, [(check, 3), (build, 3), (release, 1)])


if __name__ == "__main__":
    main()
