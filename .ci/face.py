"""What users of `coalesced` can name, so that a change of it is seen in review: `python3 .ci/face.py DOCS [--write]`.

It reads the pages of rustdoc, which know what is re-exported from where, and compares them with `face.txt`.
"""

import difflib
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

KEPT = Path(__file__).with_name("face.txt")
# What of a page is the face: the headers in these sections. Blanket implementations are of other crates.
SECTIONS = {
    "implementations": ("h3", "h4"),
    "trait-implementations": ("h3",),
    "synthetic-implementations": ("h3",),
    "foreign-impls": ("h3",),
    "implementors": ("h3",),
}
# Others are of some toolchains only.
AUTO_TRAITS = {"Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"}
PLAIN = re.compile(r"impl (!?\w+) for \w+$")


def in_order(header):
    """The bounds of an automatic trait come in the order of private fields."""
    head, where, rest = header.partition(" where ")
    if not where:
        return header
    bounds, depth = [""], 0
    for letter in rest.replace("->", "→").rstrip(","):
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and not depth:
            bounds.append("")
        else:
            bounds[-1] += letter
    for at, bound in enumerate(bounds):
        of, _, traits = bound.strip().rpartition(": ")
        bounds[at] = f"{of}: {' + '.join(sorted(traits.split(' + ')))}"
    return head + where + ", ".join(sorted(bounds)).replace("→", "->") + ","


class Page(HTMLParser):
    """The declaration, the headers, and of each with which feature there is one."""

    def __init__(self, text):
        super().__init__()
        self.lines, self.traits, self.section = [], [], None
        self.open, self.depth, self.text = None, 0, ""
        self.feed(text)
        self.lines += ["is " + ", ".join(self.traits)] * bool(self.traits)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = (attributes.get("class") or "").split()
        if self.open:
            self.depth += tag == self.open
            self.text += " " * (tag in ("br", "div"))
        elif tag == "h2" and "section-header" in classes:
            self.section = attributes["id"]
        elif (
            (tag == "pre" and "item-decl" in classes)
            or ("code-header" in classes and tag in SECTIONS.get(self.section, ()))
            or (tag == "div" and "portability" in classes and self.wanted())
        ):
            self.open, self.depth, self.text = tag, 1, ""

    def handle_endtag(self, tag):
        if tag != self.open:
            return
        self.depth -= 1
        if self.depth:
            return
        text = " ".join(self.text.split())
        if tag == "div":
            self.lines[-1] += f"  // {text}"
        elif self.section in ("trait-implementations", "synthetic-implementations") and (plain := PLAIN.match(text)):
            self.traits += [plain[1]] * (self.section.startswith("trait") or plain[1].lstrip("!") in AUTO_TRAITS)
        elif self.section != "synthetic-implementations":
            self.lines.append("    " * (tag == "h4") + text)
        elif AUTO_TRAITS & set(text.split(" for ")[0].split()):
            self.lines.append(in_order(text))
        self.open = None

    def handle_data(self, data):
        if self.open:
            self.text += data

    def wanted(self):
        """Whether what is said of features is said of something that is here."""
        return self.lines and (self.section is None or self.section in SECTIONS)


def face(docs):
    seen, lines = {}, []
    for path in sorted(docs.rglob("*.*.html")):
        kind, name = path.name.removesuffix(".html").split(".")
        name = "::".join(("coalesced", *path.relative_to(docs).parts[:-1], name))
        page = Page(path.read_text()).lines
        same = seen.setdefault((kind, *page), name)
        lines += ["", f"{kind} {name}"] + (page if same is name else [f"is {same}"])
    return lines[1:]


def main(docs, *options):
    lines = face(Path(docs))
    if "--write" in options:
        KEPT.write_text("\n".join(lines) + "\n")
    changed = list(difflib.unified_diff(KEPT.read_text().splitlines(), lines, "kept", "now", lineterm=""))
    print("\n".join(changed) or f"{sum(not line for line in lines) + 1} items, as kept")
    sys.exit(bool(changed) and "the public face has changed: if it is meant, say so in CHANGELOG.md, and add `--write`")


main(*sys.argv[1:])
