//! Where tokens are in the source, from the first to the last.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::ToTokens;

/// What an expression is said to be, if it starts with a token at the first place, and ends with one at the last: a
/// span alone can't be made of the two.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) first: Span,
    last: Span,
}

impl Place {
    pub(crate) fn of(tokens: &impl ToTokens) -> Self {
        let mut spans = tokens.to_token_stream().into_iter().map(|it| it.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        let at = |span| Span::call_site().located_at(span);
        Self {
            first: at(first),
            last: at(last),
        }
    }

    /// The parentheses of a call that ends here.
    pub(crate) fn call(self, arguments: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, arguments);
        group.set_span(self.last);
        group
    }
}
