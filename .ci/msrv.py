"""Fails if a dependency of the library promises no Rust as old as the library does."""

import json
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def version(text):
    parts = [int(part) for part in (text or "0").split(".")]
    return parts + [0] * (3 - len(parts))


root = next(id for id, package in packages.items() if package["name"] == "coalesced")
promised = version(packages[root]["rust_version"])
seen, todo = set(), [root]
while todo:
    id = todo.pop()
    if id in seen:
        continue
    seen.add(id)
    for dependency in nodes[id]["deps"]:
        # `None` is a normal dependency.
        if any(kind["kind"] in (None, "build") for kind in dependency["dep_kinds"]):
            todo.append(dependency["pkg"])

newer = [
    f"{package['name']} {package['version']} needs {package['rust_version']}"
    for package in (packages[id] for id in seen)
    if version(package["rust_version"]) > promised
]
if newer:
    sys.exit("newer than the promised Rust:\n  " + "\n  ".join(newer))
print(f"{len(seen)} crates, none newer than Rust {packages[root]['rust_version']}")
