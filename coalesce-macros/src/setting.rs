//! One option as it is written, and how its value is read.

use proc_macro2::{Span, TokenStream};
use syn::{
    Error, Expr, Ident, Token,
    ext::IdentExt as _,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::error::Errors;

/// An option's value, and its name as the user wrote it.
pub(crate) struct Setting<T> {
    pub(crate) name: Ident,
    pub(crate) value: T,
}

/// `name = value`
pub(crate) fn assigned<T: Parse>(
    name: Ident,
    input: ParseStream<'_>,
    example: &str,
) -> syn::Result<Setting<T>> {
    let equals: Option<Token![=]> = input.parse()?;
    if equals.is_none() || input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(name.span(), format!("`{name}` takes {example}")));
    }
    match input.parse() {
        Ok(value) => Ok(Setting { name, value }),
        Err(error) => Err(Error::new(
            name.span(),
            format!("`{name}` takes {example}; {error}"),
        )),
    }
}

/// `name(argument, ..)`
pub(crate) fn listed(name: Ident, input: ParseStream<'_>) -> syn::Result<Setting<Vec<Ident>>> {
    let takes = |span: Span| {
        Error::new(
            span,
            format!("`{name}` takes arguments' names: `{name}(db, self)`"),
        )
    };
    if !input.peek(syn::token::Paren) {
        return Err(takes(name.span()));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(takes(name.span()));
    }
    let arguments = content
        .call(|list: ParseStream<'_>| {
            Punctuated::<Ident, Token![,]>::parse_terminated_with(list, Ident::parse_any)
        })
        .map_err(|error| takes(error.span()))?;
    Ok(Setting {
        name: name.clone(),
        value: arguments.into_iter().collect(),
    })
}

/// Passes over what an unknown option was given, so that the others are read.
pub(crate) fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        input.parse::<Expr>()?;
    } else if input.peek(syn::token::Paren) {
        let content;
        parenthesized!(content in input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}

/// Whether an option is given a value, in either way.
pub(crate) fn has_value(input: ParseStream<'_>) -> bool {
    input.peek(Token![=]) || input.peek(syn::token::Paren)
}

/// Refuses the value of an option that has none.
pub(crate) fn no_value(
    name: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    errors.refuse(
        name,
        format!("`{name}` takes no value; write `{name}`, or leave it out"),
    );
    skip_value(input)
}
