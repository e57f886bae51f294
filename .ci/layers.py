"""Imports between the folders of a crate go down, never up; prints which folder imports which."""

import re
import sys
from collections import Counter
from pathlib import Path

# From the top down. What lies beside the folders and is not named here is the ground, which all stand on.
LAYERS = {
    "coalesce-runtime": ["lib", "private", "group", "call", "flight", "watch", "key"],
    "coalesce-cluster": ["lib", "cluster", "member", "memory", "redis"],
    "coalesce-tower": ["lib", "http", "coalesce"],
}
GROUND = "ground"


def imported(text):
    """The first name of each path behind `crate::`, also in braces."""
    for start in re.finditer(r"\bcrate::(\{|\w+)", re.sub(r"//.*", "", text)):
        if start[1] != "{":
            yield start[1]
            continue
        depth, expects = 1, True
        for token in re.findall(r"[{},]|\w+", start.string[start.end() :]):
            if token in "{}":
                depth += 1 if token == "{" else -1
                if not depth:
                    break
            elif depth == 1 and token == ",":
                expects = True
            elif depth == 1 and expects:
                yield token
                expects = False


def main():
    back_up = 0
    for crate, layers in LAYERS.items():
        source = Path(crate, "src")
        floors = [*layers, GROUND]
        imports = Counter()
        for file in sorted(source.rglob("*.rs")):
            room = file.relative_to(source).parts[0].removesuffix(".rs")
            room = room if room in layers else GROUND
            for name in imported(file.read_text()):
                other = name if name in layers else GROUND
                if other == room:
                    continue
                imports[room, other] += 1
                if floors.index(other) < floors.index(room):
                    back_up += 1
                    print(f"{file}: {room} imports {name}, which stands above it", file=sys.stderr)
        for (room, other), times in sorted(imports.items(), key=lambda it: [floors.index(it) for it in it[0]]):
            print(f"{crate}: {room} -> {other}: {times}")
    sys.exit(back_up > 0)


main()
