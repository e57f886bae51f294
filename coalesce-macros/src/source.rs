//! Code of the user's as a refusal shows it: about as it was written, since a compiler of today tells the text of a
//! token, and not of an expression.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Words before which a `(` is no call's, and after which an operator has one operand.
const WORDS: [&str; 9] = [
    "as", "else", "if", "in", "let", "match", "move", "mut", "return",
];

/// What was written last, as far as the next token is close to it or not.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing, an operator, a comma or a word: what an operand follows.
    Open,
    /// An operator that is close to its operand: `&`, `.`, `::`, the `<` of a type.
    Close,
    /// The name of a type.
    Type,
    /// An operand.
    Operand,
}

pub(crate) fn source(tokens: &impl ToTokens) -> String {
    let mut text = Text {
        text: String::new(),
        last: Last::Open,
        brackets: 0,
        in_closure: false,
    };
    text.tokens(tokens.to_token_stream());
    text.text
}

struct Text {
    text: String,
    last: Last,
    /// How many `<` of types are open.
    brackets: usize,
    /// Whether this is between the `|` of a closure.
    in_closure: bool,
}

impl Text {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.group(group.delimiter(), group.stream()),
                TokenTree::Ident(word) => self.word(&word.to_string()),
                TokenTree::Literal(literal) => self.operand(&literal.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                    self.spaced("'");
                    self.last = Last::Close;
                }
                TokenTree::Punct(punct) => {
                    let mut operator = punct.as_char().to_string();
                    let mut spacing = punct.spacing();
                    while spacing == Spacing::Joint {
                        let mut rest = tokens.clone();
                        let Some(TokenTree::Punct(next)) = rest.next() else {
                            break;
                        };
                        operator.push(next.as_char());
                        spacing = next.spacing();
                        tokens = rest;
                    }
                    self.operator(&operator);
                }
            }
        }
    }

    /// Writes this apart from an operator or an operand before it.
    fn spaced(&mut self, text: &str) {
        let is_apart = self.last != Last::Close && !self.text.is_empty();
        if is_apart && !self.text.ends_with(['(', '[', ' ']) {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn operand(&mut self, text: &str) {
        self.spaced(text);
        self.last = Last::Operand;
    }

    fn word(&mut self, word: &str) {
        self.spaced(word);
        self.last = match word {
            _ if WORDS.contains(&word) => Last::Open,
            _ if word.starts_with(char::is_uppercase)
                && (word.len() == 1 || word.contains(char::is_lowercase)) =>
            {
                Last::Type
            }
            _ => Last::Operand,
        };
    }

    fn group(&mut self, delimiter: Delimiter, tokens: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => return self.tokens(tokens),
        };
        match (delimiter, self.last) {
            (Delimiter::Brace, _) | (_, Last::Open) => self.spaced(open),
            _ => self.text.push_str(open),
        }
        let brackets = std::mem::take(&mut self.brackets);
        self.last = Last::Open;
        self.tokens(tokens);
        self.brackets = brackets;
        self.text.push_str(close);
        self.last = Last::Operand;
    }

    fn operator(&mut self, operator: &str) {
        let starts = matches!(self.last, Last::Open | Last::Close);
        match operator {
            "." | "::" | ".." | "..=" => {
                match self.last {
                    Last::Open => self.spaced(operator),
                    _ => self.text.push_str(operator),
                }
                self.last = Last::Close;
            }
            "," | ";" | ":" => {
                self.text.push_str(operator);
                self.last = Last::Open;
            }
            "?" => {
                self.text.push_str(operator);
                self.last = Last::Operand;
            }
            "<" if starts || self.last == Last::Type || self.brackets > 0 => {
                match self.last {
                    Last::Open => self.spaced(operator),
                    _ => self.text.push_str(operator),
                }
                self.brackets += 1;
                self.last = Last::Close;
            }
            _ if self.brackets > 0 && operator.chars().all(|it| it == '>') => {
                self.text.push_str(operator);
                self.brackets = self.brackets.saturating_sub(operator.len());
                self.last = Last::Type;
            }
            "|" if starts || self.in_closure => {
                match self.in_closure {
                    false => self.spaced(operator),
                    true => self.text.push_str(operator),
                }
                self.last = if self.in_closure {
                    Last::Open
                } else {
                    Last::Close
                };
                self.in_closure = !self.in_closure;
            }
            "!" if !starts => {
                self.text.push_str(operator);
                self.last = Last::Operand;
            }
            _ if starts && operator.chars().all(|it| "&*!-".contains(it)) => {
                self.spaced(operator);
                self.last = Last::Close;
            }
            _ => {
                self.spaced(operator);
                self.last = Last::Open;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::source;

    /// As it is written in these tests, so it is shown.
    #[track_caller]
    fn is_shown(written: &str) {
        let expr: syn::Expr = syn::parse_str(written).unwrap();
        assert_eq!(source(&expr), written);
    }

    #[test]
    fn an_expression_is_shown_as_it_was_written() {
        is_shown("map.clone().into_iter().collect::<std::collections::BTreeMap<_, _>>()");
        is_shown("format!(\"user {{id}}\")");
        is_shown("(TENANT, \"users\", &tenant[..2], -1, !*flag)");
        is_shown("headers.get(\"a\").and_then(|value| value.to_str().ok()).map(str::len)");
        is_shown("{ let id: Option<&'static str> = None; id.unwrap_or(a - b) }");
        is_shown("if a != b && TENANT < c { vec![0..id] } else { Vec::<u8>::new() }");
        is_shown("<Vec<u8> as Into<Box<[u8]>>>::into(read()?)");
        is_shown("move |a, b| a || b | c as u8 == 1");
    }
}
