//! Which variables are mentioned in code, as far as its tokens tell.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Lit, ext::IdentExt as _};

/// Whether these tokens name this variable: as a word that is no field's, no method's and no path's, or inside
/// the text that a macro is given, as `format!("user:{id}")` is.
pub(crate) fn mentions(tokens: TokenStream, variable: &Ident) -> bool {
    Search {
        variable: variable.unraw().to_string(),
        in_text: names_in_braces,
    }
    .finds(tokens, false)
}

/// Whether these tokens may name this variable in some way: also in a text that a macro may look into as it likes.
pub(crate) fn may_mention(tokens: TokenStream, variable: &Ident) -> bool {
    Search {
        variable: variable.unraw().to_string(),
        in_text: |text, variable| words(text).any(|word| word == variable),
    }
    .finds(tokens, false)
}

struct Search {
    variable: String,
    /// Whether a macro that is given this text may find a variable in it.
    in_text: fn(text: &str, variable: &str) -> bool,
}

impl Search {
    fn finds(&self, tokens: TokenStream, in_macro: bool) -> bool {
        // The last two tokens, where they are punctuation.
        let mut before = [None, None];
        for token in tokens {
            let found = match &token {
                TokenTree::Ident(word) => {
                    let is_range = before == [Some('.'), Some('.')];
                    let is_part = matches!(before, [_, Some('.')] | [Some(':'), Some(':')]);
                    (is_range || !is_part) && word.unraw() == self.variable
                }
                TokenTree::Group(group) => {
                    self.finds(group.stream(), in_macro || before[1] == Some('!'))
                }
                TokenTree::Literal(literal) => {
                    in_macro
                        && matches!(
                            Lit::new(literal.clone()),
                            Lit::Str(text) if (self.in_text)(&text.value(), &self.variable)
                        )
                }
                TokenTree::Punct(_) => false,
            };
            if found {
                return true;
            }
            let punct = match token {
                TokenTree::Punct(punct) => Some(punct.as_char()),
                _ => None,
            };
            before = [before[1], punct];
        }
        false
    }
}

/// `"{id}"`, `"{id:?}"`, `"{:id$}"`.
fn names_in_braces(text: &str, variable: &str) -> bool {
    let text = text.replace("{{", "");
    text.split('{').skip(1).any(|rest| {
        let inside = rest.split('}').next().unwrap_or_default();
        words(inside).any(|word| word == variable)
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}
