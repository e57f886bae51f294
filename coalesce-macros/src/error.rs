//! The refusals of one annotated function, reported together.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Refuses these tokens of the user's: what is wrong, and after a semicolon the way out.
    pub(crate) fn refuse(&mut self, tokens: impl ToTokens, message: impl AsRef<str>) {
        self.push(Error::new_spanned(tokens, message.as_ref()));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(Error::to_compile_error));
    }
}

/// `one`, `other`
pub(crate) fn in_backticks(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The name that is spelled most like `word`, or that is the beginning of it, or begins with it, if one is near.
pub(crate) fn nearest<'n>(
    word: &str,
    names: impl IntoIterator<Item = &'n str> + Clone,
) -> Option<&'n str> {
    let by_distance = names.clone().into_iter();
    let (distance, name) = by_distance.map(|name| (distance(word, name), name)).min()?;
    if distance <= ((word.len() + 1) / 3).max(1) {
        return Some(name);
    }
    let begins = |name: &&str| {
        name.len().min(word.len()) > 2 && (name.starts_with(word) || word.starts_with(*name))
    };
    names.into_iter().find(begins)
}

/// How many letters must be inserted, deleted or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
