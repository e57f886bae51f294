//! The function that the attribute is on, and every refusal of it.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, Ident, ReceiverKind, ReturnType, Signature, Token, Type, Visibility, braced,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

use crate::{
    boxed_future::BoxedFuture,
    error::Errors,
    output::{check_future, shared},
    place::Place,
    types::{borrow_in, contains, types_in},
    variable::{Variable, variables},
};

pub(crate) struct Subject {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body in its braces, unread: a body that does not parse is the compiler's to report.
    pub(crate) body: Group,
    /// What is around the body, where the function is async by its return type.
    pub(crate) boxed: Option<BoxedFuture>,
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
        let boxed = BoxedFuture::find(&sig, &body);
        Ok(Self {
            attrs,
            vis,
            sig,
            body,
            boxed,
        })
    }
}

impl Subject {
    /// All that is bound by the arguments, in order, `self` first.
    pub(crate) fn variables(&self) -> Vec<Variable<'_>> {
        variables(&self.sig)
    }

    /// The body of the async code.
    pub(crate) fn async_body(&self) -> &Group {
        self.boxed.as_ref().map_or(&self.body, |boxed| &boxed.body)
    }

    /// Whether callers await, and don't block their threads.
    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some() || self.boxed.is_some()
    }

    /// The user's own `async`.
    pub(crate) fn asyncness(&self) -> TokenStream {
        match &self.boxed {
            Some(boxed) => boxed.asyncness.to_token_stream(),
            None => self.sig.asyncness.to_token_stream(),
        }
    }

    /// The type that callers share; `None` where it has no name.
    pub(crate) fn output(&self) -> Option<TokenStream> {
        if let Some(boxed) = &self.boxed {
            return Some(boxed.output.to_token_stream());
        }
        match &self.sig.output {
            ReturnType::Default => Some(quote!(())),
            ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => None,
            ReturnType::Type(_, ty) => {
                let tokens = ty.to_token_stream();
                (!contains(tokens.clone(), "impl")).then_some(tokens)
            }
        }
    }

    /// The type that is returned, by the future where there is one; `None` where it is left out.
    pub(crate) fn returned(&self) -> Option<&Type> {
        match (&self.boxed, &self.sig.output) {
            (Some(boxed), _) => Some(&boxed.output),
            (None, ReturnType::Type(_, ty)) => Some(ty),
            (None, ReturnType::Default) => None,
        }
    }

    /// The function of the runtime that refuses a value that can't be shared, as what it is.
    pub(crate) fn shared(&self) -> &'static str {
        match self.returned().map_or("value", |ty| shared(&self.sig, ty)) {
            "value" if !self.is_async() => "plain",
            kind => kind,
        }
    }

    /// The place of the returned type in the source, for what is generated about it.
    pub(crate) fn output_span(&self) -> Span {
        self.returned()
            .map_or_else(|| self.sig.ident.span(), Spanned::span)
    }

    /// The places of the value and of the error in the returned type, as far as they can be seen.
    pub(crate) fn output_parts(&self) -> [Place; 2] {
        let whole = match self.returned() {
            Some(ty) => Place::of(ty),
            None => Place::of(&self.sig.ident),
        };
        let (mut value, mut error) = (None, None);
        if let Some(ty) = self.returned() {
            let mut parts = types_in(ty, "Result").map(Place::of);
            (value, error) = (parts.next(), parts.next());
        }
        [value.unwrap_or(whole), error.unwrap_or(whole)]
    }
}

impl ToTokens for Subject {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
            ..
        } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig #body));
    }
}

/// Refusals.
impl Subject {
    /// Refuses functions that can't be coalesced, whatever the options.
    pub(crate) fn check(&self, errors: &mut Errors) {
        let Signature {
            constness,
            abi,
            variadic,
            ..
        } = &self.sig;
        if let Some(constness) = constness {
            errors.refuse(
                constness,
                "a `const fn` cannot be coalesced, since nothing in it can wait; leave out `const`",
            );
        } else if let Some(abi) = abi {
            errors.refuse(
                abi,
                "an `extern` function cannot be coalesced; call an async one from it",
            );
        } else if self.boxed.is_none() {
            check_future(&self.sig, errors);
        }
        let mut attrs = self.attrs.iter();
        if let Some(again) = attrs.find(|attr| is_ours(attr)) {
            errors.refuse(
                again,
                "a function is coalesced once; put the options of both into one `#[coalesce(..)]`",
            );
        }
        if let Some(variadic) = variadic {
            errors.refuse(variadic, "variadic arguments cannot be part of a key");
        }
        if let Some(borrow) = self.returned().and_then(borrow_in) {
            errors.refuse(
                borrow,
                "what is returned is shared by callers that borrow from different arguments, \
                 so it cannot borrow; return an owned value or an `Arc<_>`",
            );
        }
    }

    /// Refuses what cannot be spawned: a plain function, and arguments that a task of its own cannot take
    /// along.
    pub(crate) fn check_owned(&self, option: &Ident, errors: &mut Errors) {
        if !self.is_async() {
            return errors.refuse(
                option,
                format!(
                    "`{option}` is for async functions; the callers of this one block their threads; make it an `async fn`, or leave out `{option}`"
                ),
            );
        }
        for argument in &self.sig.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    let borrows = match &receiver.kind {
                        ReceiverKind::Reference(..) => true,
                        ReceiverKind::Typed(_, ty) => borrow_in(ty).is_some(),
                        _ => false,
                    };
                    if borrows {
                        errors.refuse(
                            receiver,
                            format!(
                                "with `{option}` the body may outlive what `self` borrows; \
                                 take `self: Arc<Self>`"
                            ),
                        );
                    }
                }
                FnArg::Typed(argument) => {
                    if let Some(borrow) = borrow_in(&argument.ty) {
                        errors.refuse(
                            borrow,
                            format!(
                                "with `{option}` the body may outlive what this borrows; \
                                 take an owned value, or an `Arc`"
                            ),
                        );
                    }
                }
            }
        }
    }
}

/// Whether this is the attribute once more, as far as its name tells.
fn is_ours(attr: &Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == "coalesce")
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
    let way_out = match word == "impl" || word == "trait" {
        true => "; put it on the functions in it",
        false => "",
    };
    ITEMS.contains(&word.to_string().as_str()).then(|| {
        syn::Error::new(
            word.span(),
            format!("`#[coalesce]` goes on a function, not on `{word}`{way_out}"),
        )
    })
}
