#!/usr/bin/env python3
"""Plants faults, and says which of them the tests find: `python3 .ci/mutants.py [WORD ..]`.

Each fault of `mutants.toml` (or of those whose line has one of the words) is made in a copy of the tree, alone, and
the suite that must find it is run there. Some hang: after a while that is as good as a failure.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "target" / "mutants"

IT = ["cargo", "test", "-p", "coalesce-tests", "--test", "it"]
LOOM = ["cargo", "test", "-p", "coalesce-runtime", "--no-default-features", "--release", "--test", "loom"]
CLUSTER = ["cargo", "test", "-p", "coalesce-cluster", "--test", "it"]
HTTP = ["cargo", "test", "-p", "coalesce-tower", "--lib", "--test", "it"]
SUITES = {
    "it": (IT, {}, 60),
    "cluster": (CLUSTER, {}, 60),
    "redis": ([*CLUSTER, "--features", "redis"], {}, 60),
    "fleet": (["cargo", "test", "-p", "fleet"], {}, 150),
    "http": (HTTP, {}, 60),
    "loom": (LOOM, {"RUSTFLAGS": "--cfg loom", "CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS": "true"}, 300),
}


def copy(tree):
    """Cargo looks at times: what has not changed keeps its own, and what a run that was killed left behind is new."""
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    names = {name for name in listed.splitlines() if (ROOT / name).is_file()}
    for path in [path for path in tree.rglob("*") if path.is_file()]:
        if str(path.relative_to(tree)) not in names:
            path.unlink()
    for name in names:
        sound, path = (ROOT / name).read_bytes(), tree / name
        if not path.is_file() or path.read_bytes() != sound:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sound)


def run(tree, suite, tests):
    """Whether it builds, and whether a test fails."""
    command, environment, seconds = SUITES[suite]
    environment = os.environ | environment | {"CARGO_TARGET_DIR": str(HERE / suite), "RUST_BACKTRACE": "0"}
    options = {"cwd": tree, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.run([*command, "--no-run"], **options).returncode:
        return "does not build"
    program = subprocess.Popen([*command, tests, "--", "--test-threads", "2"], start_new_session=True, **options)
    try:
        return "found" if program.wait(seconds) else "SURVIVED"
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, 9)
        program.wait()
        return "found, it hangs"


def line(fault):
    return f"{fault['suite']}: {fault['breaks']}"


def plant(tree, fault):
    path = tree / fault["file"]
    sound = path.read_text()
    if sound.count(fault["text"]) != 1:
        return "does not apply"
    path.write_text(sound.replace(fault["text"], fault["instead"]))
    try:
        return run(tree, fault["suite"], fault["tests"])
    finally:
        path.write_text(sound)


def main(words):
    with open(ROOT / ".ci" / "mutants.toml", "rb") as file:
        faults = tomllib.load(file)["fault"]
    faults = [fault for fault in faults if not words or any(word in line(fault) for word in words)]
    tree = HERE / "tree"
    copy(tree)
    for suite, tests in sorted({(fault["suite"], fault["tests"]) for fault in faults}):
        if (outcome := run(tree, suite, tests)) != "SURVIVED":
            sys.exit(f"without a fault, `{tests}` of `{suite}`: {outcome}")
    failed = 0
    for fault in faults:
        outcome = plant(tree, fault)
        failed += not outcome.startswith("found")
        print(f"{outcome:15} {line(fault)}", flush=True)
    print(f"{len(faults) - failed} of {len(faults)} found")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
