//! The function that the attribute is on, and every refusal of it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, Ident, Pat, PatIdent, ReceiverKind, ReturnType, Signature, Token, Type,
    Visibility, braced,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

use crate::error::Errors;

pub(crate) struct Subject {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body in its braces, unread: a body that does not parse is the compiler's to report.
    pub(crate) body: Group,
}

impl Parse for Subject {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let item = input.fork();
        let sig = input
            .parse()
            .map_err(|error| not_a_function(&item).unwrap_or(error))?;
        if let Some(semicolon) = input.parse::<Option<Token![;]>>()? {
            return Err(syn::Error::new_spanned(
                quote!(#sig #semicolon),
                "a function without a body cannot be coalesced; \
                 put `#[coalesce]` on its implementations",
            ));
        }
        let content;
        let brace = braced!(content in input);
        let mut body = Group::new(Delimiter::Brace, content.parse()?);
        body.set_span(brace.span.join());
        Ok(Self {
            attrs,
            vis,
            sig,
            body,
        })
    }
}

/// The refusal of an item that is something else than a function.
fn not_a_function(item: ParseStream<'_>) -> Option<syn::Error> {
    const ITEMS: [&str; 13] = [
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "mod",
        "type",
        "static",
        "use",
        "extern",
        "let",
        "macro_rules",
        "const",
    ];
    let mut word: Ident = item.call(syn::ext::IdentExt::parse_any).ok()?;
    if word == "unsafe" || word == "auto" {
        word = item.call(syn::ext::IdentExt::parse_any).ok()?;
    }
    ITEMS.contains(&word.to_string().as_str()).then(|| {
        syn::Error::new(
            word.span(),
            format!("`#[coalesce]` goes on an async function, not on `{word}`"),
        )
    })
}

/// A variable that a pattern of the arguments binds.
pub(crate) struct Variable<'s> {
    pub(crate) name: Ident,
    /// Its type, where the pattern is a name only.
    pub(crate) ty: Option<&'s Type>,
    /// The `#[cfg]`s of its argument.
    pub(crate) cfgs: Vec<&'s Attribute>,
    /// Why it can't be part of a key, whatever its type.
    mutable: bool,
}

impl Subject {
    /// All that is bound by the arguments, in order, `self` first.
    pub(crate) fn variables(&self) -> Vec<Variable<'_>> {
        let mut variables = Vec::new();
        for argument in &self.sig.inputs {
            match argument {
                FnArg::Receiver(receiver) => variables.push(Variable {
                    name: Ident::new("self", receiver.self_token.span),
                    ty: match &receiver.kind {
                        ReceiverKind::Typed(_, ty) => Some(ty),
                        _ => None,
                    },
                    cfgs: cfgs(&receiver.attrs),
                    mutable: match &receiver.kind {
                        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
                        ReceiverKind::Typed(_, ty) => is_mutable(ty),
                        _ => false,
                    },
                }),
                FnArg::Typed(argument) => {
                    let whole = matches!(&*argument.pat, Pat::Ident(PatIdent { subpat: None, .. }));
                    bindings(&argument.pat, &mut |bound| {
                        let Bound::Variable(name) = bound else { return };
                        variables.push(Variable {
                            name: name.clone(),
                            ty: whole.then_some(&*argument.ty),
                            cfgs: cfgs(&argument.attrs),
                            mutable: whole && is_mutable(&argument.ty),
                        });
                    });
                }
            }
        }
        variables
    }

    /// The type that callers share; `None` where it has no name.
    pub(crate) fn output(&self) -> Option<TokenStream> {
        match &self.sig.output {
            ReturnType::Default => Some(quote!(())),
            ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => None,
            ReturnType::Type(_, ty) => {
                let tokens = ty.to_token_stream();
                (!contains_impl(tokens.clone())).then_some(tokens)
            }
        }
    }

    /// Refuses patterns that an automatic key cannot look into.
    pub(crate) fn check_patterns(&self, errors: &mut Errors) {
        for argument in &self.sig.inputs {
            if let FnArg::Typed(argument) = argument {
                bindings(&argument.pat, &mut |bound| {
                    if let Bound::Unseen(pat) = bound {
                        errors.refuse(
                            pat,
                            "what this binds cannot be seen, so it cannot be part of the key; \
                             bind a name, or choose the key with `key = ..`",
                        );
                    }
                });
            }
        }
    }

    /// Refuses functions that can't be coalesced, whatever the options.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let Signature {
            constness,
            asyncness,
            abi,
            fn_token,
            variadic,
            output,
            ..
        } = &self.sig;
        if let Some(constness) = constness {
            errors.refuse(
                constness,
                "a `const fn` cannot be coalesced; nothing in it can wait",
            );
        } else if let Some(abi) = abi {
            errors.refuse(
                abi,
                "an `extern` function cannot be coalesced; call an async one from it",
            );
        } else if asyncness.is_none() {
            errors.refuse(
                fn_token,
                "only an `async fn` can be coalesced; write `async fn`",
            );
        }
        if let Some(variadic) = variadic {
            errors.refuse(variadic, "variadic arguments cannot be part of a key");
        }
        if let ReturnType::Type(_, ty) = output {
            if let Some(borrow) = borrow_in(ty) {
                errors.refuse(
                    borrow,
                    "what is returned is shared by callers that borrow from different arguments, \
                     so it cannot borrow; return an owned value or an `Arc<_>`",
                );
            }
        }
    }
}

impl Variable<'_> {
    /// Refuses a part of an automatic key that is seen to be impossible; the rest is the
    /// compiler's to find.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let name = &self.name;
        if !self.cfgs.is_empty() {
            // It may not be there.
        } else if self.mutable {
            errors.refuse(
                name,
                format!(
                    "`{name}` is borrowed mutably, so it cannot be part of a key; \
                     use `skip({name})` or an owned `key = ..`"
                ),
            );
        } else if let Some(ty) = self.ty {
            self.check_type(&name.to_string(), ty, errors);
        }
    }

    fn check_type(&self, place: &str, ty: &Type, errors: &mut Errors) {
        let name = &self.name;
        match ty {
            Type::Paren(ty) => self.check_type(place, &ty.elem, errors),
            Type::Group(ty) => self.check_type(place, &ty.elem, errors),
            Type::Tuple(tuple) => {
                for (index, ty) in tuple.elems.iter().enumerate() {
                    self.check_type(&format!("{place}.{index}"), ty, errors);
                }
            }
            Type::Path(path) if path.path.is_ident("f32") || path.path.is_ident("f64") => {
                errors.refuse(
                    ty,
                    format!(
                        "`{}` cannot be part of a key, because it is not `Eq`; \
                         use `key = {place}.to_bits()` or `skip({name})`",
                        path.path.to_token_stream()
                    ),
                );
            }
            _ => {
                if let Some(borrow) = borrow_in(behind_reference(ty)) {
                    errors.refuse(
                        borrow,
                        format!(
                            "`{name}` borrows in a way that cannot be part of a key; \
                             use an owned `key = ..` or `skip({name})`"
                        ),
                    );
                }
            }
        }
    }
}

fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .collect()
}

fn is_mutable(ty: &Type) -> bool {
    match ty {
        Type::Paren(ty) => is_mutable(&ty.elem),
        Type::Group(ty) => is_mutable(&ty.elem),
        Type::Reference(reference) => reference.mutability.is_some(),
        _ => false,
    }
}

/// What a pattern binds.
enum Bound<'p> {
    Variable(&'p Ident),
    /// Whatever this macro, or syntax of tomorrow, comes to.
    Unseen(&'p Pat),
}

/// Calls `bind` with all that the pattern binds. A unit struct looks like a variable, and may be taken
/// for one: it is an expression as well.
fn bindings<'p>(pat: &'p Pat, bind: &mut impl FnMut(Bound<'p>)) {
    match pat {
        Pat::Ident(pat) => {
            bind(Bound::Variable(&pat.ident));
            if let Some((_, pat)) = &pat.subpat {
                bindings(pat, bind);
            }
        }
        Pat::Type(pat) => bindings(&pat.pat, bind),
        Pat::Paren(pat) => bindings(&pat.pat, bind),
        Pat::Reference(pat) => bindings(&pat.pat, bind),
        Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bind)),
        Pat::Struct(pat) => pat
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, bind)),
        // All cases bind the same.
        Pat::Or(pat) => pat.cases.iter().take(1).for_each(|pat| bindings(pat, bind)),
        Pat::Macro(_) | Pat::Verbatim(_) => bind(Bound::Unseen(pat)),
        _ => {}
    }
}

/// The type whose owned form a key part of this type becomes: what a reference, an optional
/// reference or a `Cow` borrows.
fn behind_reference(ty: &Type) -> &Type {
    let argument = |name: &str| match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .and_then(|last| match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) if last.ident == name => {
                    arguments.args.iter().find_map(|argument| match argument {
                        syn::GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    })
                }
                _ => None,
            }),
        _ => None,
    };
    match ty {
        Type::Reference(reference) => &reference.elem,
        _ => match (argument("Option"), argument("Cow")) {
            (Some(Type::Reference(reference)), _) => &reference.elem,
            (_, Some(borrowed)) => borrowed,
            _ => ty,
        },
    }
}

/// The first borrow in a type that is not `'static`, as far as it can be seen.
fn borrow_in(ty: &Type) -> Option<TokenStream> {
    match ty {
        Type::Paren(ty) => borrow_in(&ty.elem),
        Type::Group(ty) => borrow_in(&ty.elem),
        Type::Array(ty) => borrow_in(&ty.elem),
        Type::Slice(ty) => borrow_in(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().find_map(borrow_in),
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => borrow_in(&reference.elem),
            _ => Some(reference.to_token_stream()),
        },
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                syn::GenericArgument::Type(ty) => borrow_in(ty),
                syn::GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                    Some(ty.to_token_stream())
                }
                _ => None,
            })
        }),
        _ => None,
    }
}

/// Whether a type has an `impl Trait` in it.
fn contains_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => contains_impl(group.stream()),
        _ => false,
    })
}

impl ToTokens for Subject {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig #body));
    }
}

/// The place of a type in the source, for what is generated about it.
pub(crate) fn output_span(sig: &Signature) -> proc_macro2::Span {
    match &sig.output {
        ReturnType::Default => sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    }
}
