"""Fails if a package would be published without what it needs, or with what nobody needs."""

import sys

package = sys.argv[1]
files = sys.stdin.read().split()
needed = ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"]
missing = [file for file in needed if file not in files]
packages = tuple(f"examples/{name}" for name in ("axum_service", "graphql", "herd", "nginx", "service"))
foreign = [file for file in files if file.startswith(("tests/", "bench", *packages, ".ci", "target"))]
if missing or foreign:
    sys.exit(f"{package}: missing {missing}, not to be there {foreign}")
print(f"{package}: {len(files)} files")
