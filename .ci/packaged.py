"""Fails if a package would be published without what it needs, or with what nobody needs."""

import sys

package = sys.argv[1]
files = sys.stdin.read().split()
needed = ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"]
missing = [file for file in needed if file not in files]
packages = {file for file in files if file.startswith("examples/") and file.count("/") > 1}
foreign = [file for file in files if file in packages or file.startswith(("tests/", "bench", ".ci", "target"))]
if missing or foreign:
    sys.exit(f"{package}: missing {missing}, not to be there {foreign}")
print(f"{package}: {len(files)} files")
