//! The pages whose code is compiled and run, as rustdoc is to see them: the README, and those of `docs/`.
//!
//! What a reader need not see of an example stands in a comment above it, which a forge does not show, as it would
//! show rustdoc's own `# `:
//!
//! ````text
//! <!-- hidden, if redis
//! fn main() {}
//! -->
//! ```rust
//! ````
//!
//! With `if`, the example is for that feature of this package.

use std::{env, fs, io, path::Path};

const HIDDEN: &str = "<!-- hidden";
const END: &str = "-->";

fn main() -> io::Result<()> {
    let (root, out) = (
        Path::new(".."),
        env::var_os("OUT_DIR").expect("cargo says it"),
    );
    let mut pages = vec![root.join("README.md")];
    for page in fs::read_dir(root.join("docs"))? {
        let page = page?.path();
        pages.extend(
            page.extension()
                .is_some_and(|it| it == "md")
                .then_some(page),
        );
    }
    println!("cargo::rerun-if-changed=../docs");
    for page in pages {
        println!("cargo::rerun-if-changed={}", page.display());
        let name = page.file_name().expect("it is a file");
        fs::write(
            Path::new(&out).join(name),
            tested(&fs::read_to_string(&page)?),
        )?;
    }
    Ok(())
}

/// The page, with what is hidden in its examples.
fn tested(page: &str) -> String {
    let mut tested = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(about) = line.strip_prefix(HIDDEN) else {
            tested.extend([line, "\n"]);
            continue;
        };
        let hidden: Vec<_> = match about.ends_with(END) {
            true => vec![],
            false => lines.by_ref().take_while(|&line| line != END).collect(),
        };
        let fence = lines.next();
        assert_eq!(
            fence,
            Some("```rust"),
            "what is hidden stands directly above an example"
        );
        let about = about.trim_end_matches(END).trim();
        let feature = about.strip_prefix(", if ");
        tested.push_str(if feature.is_none_or(is_on) {
            "```rust\n"
        } else {
            "```text\n"
        });
        for line in hidden {
            tested.extend(["# ", line, "\n"]);
        }
    }
    tested
}

fn is_on(feature: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_some()
}
