//! The options of the attribute, each with the place where it was written.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Error, Expr, Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{
    error::{Errors, nearest},
    limit::{self, Limit},
    mention::mentions,
    setting::{Setting, assigned, has_value, listed, no_value, skip_value},
};

/// `#[coalesce(..)]`
#[derive(Default)]
pub(crate) struct Options {
    /// `key = expression`
    pub(crate) key: Option<Setting<Expr>>,
    /// `skip(argument, ..)`
    pub(crate) skip: Option<Setting<Vec<Ident>>>,
    /// `clone_err = closure`
    pub(crate) clone_err: Option<Setting<Expr>>,
    /// `share = ok`
    pub(crate) share: Option<Setting<Ident>>,
    /// `bypass = condition`
    pub(crate) bypass: Option<Setting<Expr>>,
    /// `registry = path.to.a.registry`
    pub(crate) registry: Option<Setting<Expr>>,
    /// `group = path.to.a.group`
    pub(crate) group: Option<Setting<Expr>>,
    /// `cluster = path.to.a.cluster`
    pub(crate) cluster: Option<Setting<Expr>>,
    /// `spawn` or `detach`
    pub(crate) spawn: Option<Ident>,
    /// `config = Config::balanced()`
    pub(crate) config: Option<Setting<Expr>>,
    /// `max_age = "50ms"` and its like, in the order in which they are written.
    pub(crate) limits: Vec<Setting<Limit>>,
    /// `hide`
    pub(crate) hide: Option<Ident>,
    /// `name = "name"`
    pub(crate) name: Option<Setting<LitStr>>,
    /// `crate = path`
    pub(crate) krate: Option<Setting<Path>>,
}

const NAMES: [&str; 18] = [
    "key",
    "skip",
    "registry",
    "group",
    "cluster",
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
    "hide",
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

    /// Whether this argument has a use in the options: one that is skipped has none there.
    pub(crate) fn mention(&self, argument: &Ident) -> bool {
        let options = [
            &self.key,
            &self.registry,
            &self.group,
            &self.cluster,
            &self.bypass,
        ];
        let mut values = options.into_iter().flatten().map(|option| &option.value);
        values.any(|value| mentions(value.to_token_stream(), argument))
    }

    /// Makes what expansions call known by a short name, so that where the library is not found this is said once.
    pub(crate) fn import(&self) -> TokenStream {
        let krate = match &self.krate {
            Some(krate) => krate.value.to_token_stream(),
            None => quote!(::coalesced),
        };
        let private = self.private(Span::call_site());
        quote!(use #krate::__private as #private;)
    }

    /// The name of what expansions call, written at this place.
    pub(crate) fn private(&self, at: Span) -> Ident {
        Ident::new("__coalesced", at)
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
            "registry" => {
                let example = "a static or a field of an argument: `registry = self.calls`";
                once(&mut self.registry, assigned(name, input, example)?, errors);
            }
            "group" => {
                let example = "a static or a field of an argument: `group = USERS`";
                once(&mut self.group, assigned(name, input, example)?, errors);
            }
            "cluster" => {
                let example = "a static: `cluster = SHOP`";
                once(&mut self.cluster, assigned(name, input, example)?, errors);
            }
            "clone_err" => {
                let example = "a closure or a path: `clone_err = |e: &Error| e.copy()`";
                once(&mut self.clone_err, assigned(name, input, example)?, errors);
            }
            "share" => {
                let setting: Setting<Ident> = assigned(name, input, "`ok`: `share = ok`")?;
                if setting.value != "ok" {
                    errors.refuse(
                        &setting.value,
                        "`share` takes `ok`; write `share = ok`, by which an `Err` is not shared, or leave it out",
                    );
                }
                once(&mut self.share, setting, errors);
            }
            "bypass" => {
                let example = "a condition: `bypass = self.in_transaction()`";
                once(&mut self.bypass, assigned(name, input, example)?, errors);
            }
            "spawn" | "detach" if !cfg!(feature = "spawn") => {
                errors.refuse(&name, feature_is_off(&name, "spawn"));
            }
            "max_wait" if !cfg!(feature = "time") => {
                errors.refuse(&name, feature_is_off(&name, "time"));
                skip_value(input)?;
            }
            "spawn" | "detach" => match &self.spawn {
                _ if has_value(input) => no_value(&name, input, errors)?,
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
                let setting = assigned(name, input, example)?;
                limit::check_config(&setting.value, errors);
                once(&mut self.config, setting, errors);
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
            "hide" if has_value(input) => no_value(&name, input, errors)?,
            "hide" if self.hide.is_some() => errors.refuse(&name, twice(&name)),
            "hide" => self.hide = Some(name),
            "name" => {
                let setting: Setting<LitStr> = assigned(name, input, "a string: `name = \"users.fetch\"`")?;
                if setting.value.value().trim().is_empty() {
                    errors.refuse(
                        &setting.value,
                        "an empty name; leave `name` out to use the function's path",
                    );
                }
                once(&mut self.name, setting, errors);
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

    fn limit(&mut self, limit: Setting<Limit>, errors: &mut Errors) {
        if self.limits.iter().any(|other| other.name == limit.name) {
            errors.refuse(&limit.name, twice(&limit.name));
        } else {
            self.limits.push(limit);
        }
    }
}

fn once<T>(option: &mut Option<Setting<T>>, setting: Setting<T>, errors: &mut Errors) {
    if option.is_some() {
        errors.refuse(&setting.name, twice(&setting.name));
    } else {
        *option = Some(setting);
    }
}

fn twice(name: &Ident) -> String {
    format!("`{name}` is given twice; keep one of them")
}

fn feature_is_off(name: &Ident, feature: &str) -> String {
    format!(
        "`{name}` needs the feature `{feature}` of `coalesced`, which is off; turn it on: `features = [\"{feature}\"]`"
    )
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
