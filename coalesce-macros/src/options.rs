//! The options of the attribute, each with the place where it was written.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Error, Expr, Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parenthesized,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
};

use crate::{
    error::{Errors, nearest},
    limit,
};

/// An option's value, and its name as the user wrote it.
pub(crate) struct Set<T> {
    pub(crate) name: Ident,
    pub(crate) value: T,
}

/// `#[coalesce(..)]`
#[derive(Default)]
pub(crate) struct Options {
    /// `key = expression`
    pub(crate) key: Option<Set<Expr>>,
    /// `skip(argument, ..)`
    pub(crate) skip: Option<Set<Vec<Ident>>>,
    /// `clone_err = closure`
    pub(crate) clone_err: Option<Set<Expr>>,
    /// `share = ok`
    pub(crate) share: Option<Set<Ident>>,
    /// `bypass = condition`
    pub(crate) bypass: Option<Set<Expr>>,
    /// `group = path.to.a.group`
    pub(crate) group: Option<Set<Expr>>,
    /// `spawn` or `detach`
    pub(crate) spawn: Option<Ident>,
    /// `config = Config::balanced()`
    pub(crate) config: Option<Set<Expr>>,
    /// `max_age = "50ms"` and its like, in the order in which they are written.
    pub(crate) limits: Vec<Set<TokenStream>>,
    /// `name = "name"`
    pub(crate) name: Option<Set<LitStr>>,
    /// `crate = path`
    pub(crate) krate: Option<Set<Path>>,
}

const NAMES: [&str; 15] = [
    "key",
    "skip",
    "group",
    "clone_err",
    "share",
    "bypass",
    "spawn",
    "detach",
    "config",
    "max_age",
    "max_wait",
    "max_followers",
    "max_in_flight",
    "name",
    "crate",
];

impl Options {
    /// What could be read of the options; the rest is refused.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let list = |input: ParseStream<'_>| {
            while !input.is_empty() {
                options.option(input, errors)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = list.parse2(tokens) {
            errors.push(error);
        }
        options.clashes(errors);
        options
    }

    /// The option that treats errors apart, if there is one.
    pub(crate) fn errors_apart(&self) -> Option<&Ident> {
        let share = self.share.as_ref().map(|share| &share.name);
        share.or(self.clone_err.as_ref().map(|clone_err| &clone_err.name))
    }

    /// The path to what expansions call, written at this place.
    pub(crate) fn private(&self, at: Span) -> TokenStream {
        let krate = match &self.krate {
            Some(krate) => krate.value.to_token_stream(),
            None => quote!(::coalesced),
        };
        let path = quote!(#krate::__private).into_iter().map(|mut token| {
            token.set_span(token.span().located_at(at));
            token
        });
        path.collect()
    }

    fn option(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let Ok(name) = input.call(Ident::parse_any) else {
            return Err(input.error(format!("expected an option, one of {}", names())));
        };
        match name.to_string().as_str() {
            "key" => once(
                &mut self.key,
                assigned(name, input, "an expression: `key = id`")?,
                errors,
            ),
            "skip" => once(&mut self.skip, listed(name, input)?, errors),
            "group" => {
                let example = "a static or a field of an argument: `group = USERS`";
                once(&mut self.group, assigned(name, input, example)?, errors);
            }
            "clone_err" => {
                let example = "a closure or a path: `clone_err = |e: &Error| e.copy()`";
                once(&mut self.clone_err, assigned(name, input, example)?, errors);
            }
            "share" => {
                let set: Set<Ident> = assigned(name, input, "`ok`: `share = ok`")?;
                if set.value != "ok" {
                    errors.refuse(
                        &set.value,
                        "`share` takes `ok`: an `Err` is not shared then",
                    );
                }
                once(&mut self.share, set, errors);
            }
            "bypass" => {
                let example = "a condition: `bypass = self.in_transaction()`";
                once(&mut self.bypass, assigned(name, input, example)?, errors);
            }
            "spawn" | "detach" => match &self.spawn {
                None => self.spawn = Some(name),
                Some(spawn) if *spawn == name => errors.refuse(&name, twice(&name)),
                Some(spawn) => errors.refuse(
                    &name,
                    format!(
                        "`{name}` clashes with `{spawn}`: a body that nobody waits for is aborted with \
                         `spawn`, and runs to its end with `detach`; use one of them"
                    ),
                ),
            },
            "config" => {
                let example = "a configuration: `config = Config::balanced()`";
                once(&mut self.config, assigned(name, input, example)?, errors);
            }
            "max_age" | "max_wait" => {
                let example = format!("a duration: `{name} = \"100ms\"`");
                self.limit(
                    limit::duration(assigned(name, input, &example)?, errors),
                    errors,
                );
            }
            "max_followers" | "max_in_flight" => {
                let example = format!("a number: `{name} = 100`");
                self.limit(
                    limit::number(assigned(name, input, &example)?, errors),
                    errors,
                );
            }
            "name" => {
                let set: Set<LitStr> = assigned(name, input, "a string: `name = \"users.fetch\"`")?;
                if set.value.value().trim().is_empty() {
                    errors.refuse(
                        &set.value,
                        "an empty name; leave `name` out to use the function's path",
                    );
                }
                once(&mut self.name, set, errors);
            }
            "crate" => {
                let example = "a path: `crate = ::my_facade::coalesced`";
                once(&mut self.krate, assigned(name, input, example)?, errors);
            }
            _ => {
                errors.push(unknown(&name));
                skip_value(input)?;
            }
        }
        Ok(())
    }

    fn limit(&mut self, limit: Set<TokenStream>, errors: &mut Errors) {
        if self.limits.iter().any(|other| other.name == limit.name) {
            errors.refuse(&limit.name, twice(&limit.name));
        } else {
            self.limits.push(limit);
        }
    }

    fn clashes(&self, errors: &mut Errors) {
        let config = self.config.iter().map(|config| &config.name);
        for limit in config.chain(self.limits.iter().map(|limit| &limit.name)) {
            if self.group.is_some() {
                errors.refuse(
                    limit,
                    format!(
                        "`{limit}` clashes with `group`: a group of your own has limits of its own; \
                         use `Group::new().with_config(..)`"
                    ),
                );
            } else if self.config.is_some() && limit != "config" {
                errors.refuse(
                    limit,
                    format!(
                        "`{limit}` clashes with `config`, which has all limits; \
                         use `config = Config::balanced().{limit}(..)`"
                    ),
                );
            }
        }
        if let (Some(_), Some(skip)) = (&self.key, &self.skip) {
            errors.refuse(
                &skip.name,
                "`skip` clashes with `key`: what `key = ..` does not name is not in the key anyway; \
                 use one of them",
            );
        }
        if let (Some(_), Some(share)) = (&self.clone_err, &self.share) {
            errors.refuse(
                &share.name,
                "`share` clashes with `clone_err`: errors are not cloned where they are not shared; \
                 use one of them",
            );
        }
        if let (Some(_), Some(name)) = (&self.group, &self.name) {
            errors.refuse(
                &name.name,
                "`name` clashes with `group`: a group of your own has a name of its own; \
                 use `Group::new().named(..)`",
            );
        }
    }
}

fn once<T>(option: &mut Option<Set<T>>, set: Set<T>, errors: &mut Errors) {
    if option.is_some() {
        errors.refuse(&set.name, twice(&set.name));
    } else {
        *option = Some(set);
    }
}

fn twice(name: &Ident) -> String {
    format!("`{name}` is given twice; keep one of them")
}

/// `name = value`
fn assigned<T: Parse>(name: Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Set<T>> {
    let equals: Option<Token![=]> = input.parse()?;
    if equals.is_none() || input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(name.span(), format!("`{name}` takes {example}")));
    }
    match input.parse() {
        Ok(value) => Ok(Set { name, value }),
        Err(error) => Err(Error::new(
            name.span(),
            format!("`{name}` takes {example}; {error}"),
        )),
    }
}

/// `name(argument, ..)`
fn listed(name: Ident, input: ParseStream<'_>) -> syn::Result<Set<Vec<Ident>>> {
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
    Ok(Set {
        name: name.clone(),
        value: arguments.into_iter().collect(),
    })
}

fn unknown(name: &Ident) -> Error {
    let word = name.to_string();
    let way_out = match nearest(&word, NAMES) {
        Some(option) => format!("did you mean `{option}`?"),
        None => format!("expected one of {}", names()),
    };
    Error::new(name.span(), format!("unknown option `{word}`; {way_out}"))
}

fn names() -> String {
    NAMES.map(|name| format!("`{name}`")).join(", ")
}

/// Passes over what an unknown option was given, so that the others are read.
fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        input.parse::<Expr>()?;
    } else if input.peek(syn::token::Paren) {
        let content;
        parenthesized!(content in input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}
