//! What the key is made of.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Expr, Type, spanned::Spanned};

use crate::{
    bounds::as_ref,
    choice::{check_key, check_named},
    error::Errors,
    home::Home,
    kind::Kind,
    options::Options,
    part::{check_owners, check_parts},
    skip::check_skip,
    subject::Subject,
    types::borrows_nothing,
    variable::{Variable, check_patterns},
};

/// The most parts that a tuple can have and still be a key.
const WIDEST: usize = 12;

/// One part of a key, and the conditions under which it is there.
struct Part<'s> {
    cfgs: Vec<&'s Attribute>,
    tokens: TokenStream,
}

/// The key as an expression that borrows the arguments.
pub(crate) fn key<'s>(
    subject: &'s Subject,
    options: &Options,
    home: &Home<'_>,
    errors: &mut Errors,
) -> TokenStream {
    let variables = subject.variables();
    if let Some(skip) = &options.skip {
        check_skip(&skip.value, &variables, home, errors);
    }
    let parts = match &options.key {
        Some(key) => {
            check_key(&key.value, &variables, &subject.sig, home, errors);
            check_named(&key.value, &variables, errors);
            chosen(&key.value, subject, options)
        }
        None => {
            check_patterns(&subject.sig, errors);
            let skipped = options.skip.as_ref().map_or(&[][..], |skip| &skip.value);
            let unskipped = variables
                .iter()
                .filter(|variable| !skipped.contains(&variable.name));
            let (owners, parts): (Vec<_>, Vec<_>) =
                unskipped.partition(|variable| home.is_in(&variable.name));
            check_owners(&owners, &parts, errors);
            check_parts(&parts, &subject.sig, home, errors);
            let part = |variable: &Variable<'s>| {
                let name = &variable.name;
                let kind = match home.is_below(name) {
                    true => Kind::Handle,
                    false => Kind::of(variable, &subject.sig).of_home(home),
                };
                Part {
                    cfgs: variable.cfgs.clone(),
                    tokens: argument(
                        &quote!(#name),
                        name.span(),
                        variable,
                        kind,
                        subject,
                        options,
                    ),
                }
            };
            parts.into_iter().map(part).collect()
        }
    };
    tuple(parts)
}

/// The parts of `key = ..`.
fn chosen<'s>(key: &Expr, subject: &Subject, options: &Options) -> Vec<Part<'s>> {
    match key {
        Expr::Group(group) => chosen(&group.expr, subject, options),
        Expr::Tuple(tuple) => tuple
            .elems
            .iter()
            .map(|expr| chosen_part(expr, subject, options))
            .collect(),
        _ => vec![chosen_part(key, subject, options)],
    }
}

fn chosen_part<'s>(expr: &Expr, subject: &Subject, options: &Options) -> Part<'s> {
    let tokens = match expr {
        Expr::Group(group) => chosen_part(&group.expr, subject, options).tokens,
        Expr::Paren(paren) => chosen_part(&paren.expr, subject, options).tokens,
        Expr::Tuple(inner) if !inner.elems.is_empty() => tuple(chosen(expr, subject, options)),
        Expr::Reference(reference)
            if reference.mutability.is_none()
                && matches!(*reference.expr, Expr::Path(_) | Expr::Field(_)) =>
        {
            chosen_part(&reference.expr, subject, options).tokens
        }
        Expr::Path(path) => {
            let variables = subject.variables();
            let name = path.path.get_ident();
            match name.and_then(|name| variables.iter().find(|it| it.name == *name)) {
                Some(variable) => {
                    let kind = Kind::of(variable, &subject.sig);
                    argument(
                        &quote!(#expr),
                        expr.span(),
                        variable,
                        kind,
                        subject,
                        options,
                    )
                }
                None => expression(expr, options),
            }
        }
        _ => expression(expr, options),
    };
    Part {
        cfgs: Vec::new(),
        tokens,
    }
}

/// Anything but a variable.
fn expression(expr: &Expr, options: &Options) -> TokenStream {
    let look = Look {
        kind: Kind::Plain,
        by_value: false,
        is_made: true,
        span: expr.span(),
        options,
    };
    look.at(&quote!(#expr), None)
}

/// A variable: what it gives by `AsRef`, where that is all that is known of it; or itself.
fn argument(
    name: &TokenStream,
    span: Span,
    variable: &Variable<'_>,
    kind: Kind,
    subject: &Subject,
    options: &Options,
) -> TokenStream {
    let as_ref = variable.ty.and_then(|ty| as_ref(&subject.sig, ty));
    let look = Look {
        kind,
        by_value: variable.by_value,
        is_made: as_ref.is_some(),
        span,
        options,
    };
    if let Some(target) = as_ref {
        let at = Span::mixed_site().located_at(span);
        let private = options.private(at);
        let given = quote_spanned!(at=> #private::core::convert::AsRef::<#target>::as_ref(&#name));
        return look.at(&given, None);
    }
    look.at_place(name, variable.ty)
}

/// How the runtime looks at a part.
struct Look<'o> {
    kind: Kind,
    /// Whether a variable is no reference to what its type says.
    by_value: bool,
    /// Whether it is no variable, but made of some.
    is_made: bool,
    span: Span,
    options: &'o Options,
}

impl Look<'_> {
    /// At a variable, or a field of one; where it is seen to be a tuple, at its parts each for itself, since
    /// they may borrow.
    fn at_place(&self, place: &TokenStream, ty: Option<&Type>) -> TokenStream {
        match ty {
            Some(Type::Group(ty)) => self.at_place(place, Some(&ty.elem)),
            Some(Type::Paren(ty)) => self.at_place(place, Some(&ty.elem)),
            Some(Type::Tuple(ty)) if !ty.elems.is_empty() => {
                let parts = ty.elems.iter().enumerate().map(|(index, ty)| {
                    let index = syn::Index {
                        index: u32::try_from(index).unwrap_or(u32::MAX),
                        span: self.span,
                    };
                    Part {
                        cfgs: Vec::new(),
                        tokens: self.at_place(&quote!(#place.#index), Some(ty)),
                    }
                });
                tuple(parts.collect())
            }
            _ => self.at(place, ty),
        }
    }

    /// Has the runtime find out how this can be part of a key, or refuse it as what it is. What is seen to borrow
    /// nothing is not asked for it: that takes time to compile.
    fn at(&self, expr: &TokenStream, ty: Option<&Type>) -> TokenStream {
        let span = Span::mixed_site().located_at(self.span);
        let private = self.options.private(span);
        let borrows_nothing = self.by_value && ty.is_some_and(borrows_nothing);
        let probe = match self.is_made {
            _ if borrows_nothing => quote_spanned!(span=> ProbeCopy::new),
            true => quote_spanned!(span=> Probe::made),
            false => quote_spanned!(span=> Probe::new),
        };
        let part = self.kind.part(span);
        // In parentheses, since it may be any expression.
        quote_spanned! {span=>
            #private::#part(#private::#probe(&(#expr)).coalesced_probe())
        }
    }
}

/// A tuple of any width. One of one stands for what is in it, so that `#[cfg]`s may leave as many
/// parts as they like.
fn tuple(parts: Vec<Part<'_>>) -> TokenStream {
    if parts.len() <= WIDEST {
        let parts = parts
            .iter()
            .map(|Part { cfgs, tokens }| quote!(#(#cfgs)* #tokens,));
        return quote!((#(#parts)*));
    }
    let mut rest = parts.into_iter().peekable();
    let mut tuples = Vec::new();
    while rest.peek().is_some() {
        let tokens = tuple(rest.by_ref().take(WIDEST).collect());
        tuples.push(Part {
            cfgs: Vec::new(),
            tokens,
        });
    }
    tuple(tuples)
}
