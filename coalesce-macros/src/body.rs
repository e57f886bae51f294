//! The body as an `async` block, or a closure, of its own.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::{mention::may_mention, options::Options, subject::Subject};

/// The body's `#![..]` attributes, which are the function's, and the block or closure.
pub(crate) fn block(subject: &Subject, options: &Options) -> (TokenStream, TokenStream) {
    let body = subject.async_body();
    let (inner, statements) = inner_attributes(body);
    let statements = statements.into_iter().map(from_macro);
    let hold = hold(subject);
    let unused = unused(subject, options);
    let edge = subject.is_async().then(|| edge(subject, options));
    let span = if has_items(body) {
        Span::mixed_site()
    } else {
        body.span()
    };
    let block = braces(
        span.located_at(body.span()),
        quote!(#hold #unused #edge #(#statements)*),
    );
    if !subject.is_async() {
        let output = subject.output().map(|output| quote!(-> #output));
        return (inner, quote_spanned!(span=> move || #output #block));
    }
    // The user's own `async`: the borrow checker calls what such a block takes by its name.
    let asynchronous = subject.asyncness();
    (inner, quote!(#asynchronous move #block))
}

/// Braces at this place of the source.
pub(crate) fn braces(span: Span, content: TokenStream) -> Group {
    let mut braces = Group::new(Delimiter::Brace, content);
    braces.set_span(span);
    braces
}

/// Makes the body hold every argument, also one, or a field of one, that it does not mention: a
/// permit that was only passed in order to be held is given back with the body, before anyone
/// takes over.
fn hold(subject: &Subject) -> TokenStream {
    let held = subject.variables().into_iter().map(|variable| {
        let (cfgs, name) = (variable.cfgs, variable.name);
        let at = Span::mixed_site().located_at(name.span());
        quote_spanned!(at=> #(#cfgs)* &#name,)
    });
    let at = Span::mixed_site().located_at(subject.sig.ident.span());
    let used = used_underscores(subject);
    quote_spanned!(at=> #used let _ = (#(#held)*);)
}

/// Binds once more what neither the body nor an option mentions, so that the compiler says that it is unused: the key
/// and the statement above do use it.
fn unused(subject: &Subject, options: &Options) -> TokenStream {
    let unused = subject.variables().into_iter().filter(|variable| {
        let name = &variable.name;
        let is_quiet = name == "self" || name.to_string().starts_with('_');
        !is_quiet && !may_mention(subject.body.stream(), name) && !options.mention(name)
    });
    let again = unused.map(|variable| {
        let (cfgs, name) = (variable.cfgs, variable.name);
        let at = Span::mixed_site().located_at(name.span());
        quote_spanned!(at=> #(#cfgs)* let #name = #name;)
    });
    again.collect()
}

/// The one lint that a statement of ours needs to be let off, and only where there is an argument
/// `_permit`: the key or the body does use it, and the user is right not to.
pub(crate) fn used_underscores(subject: &Subject) -> Option<TokenStream> {
    let mut variables = subject.variables().into_iter();
    let underscored = variables.any(|variable| variable.name.to_string().starts_with('_'));
    underscored.then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

/// Makes the compiler measure each way out of the body by the type that the function returns, as
/// it does in a function; the idea is `async_trait`'s.
fn edge(subject: &Subject, options: &Options) -> Option<TokenStream> {
    let at = Span::mixed_site().located_at(subject.output_span());
    let private = options.private(at);
    let output = subject.output()?;
    Some(quote_spanned! {at=>
        if false {
            return #private::never::<#output>();
        }
    })
}

/// Whether items may stand in the body, which come after statements of ours. In braces that were
/// generated clippy does not mind; in others it does (`items_after_statements`), and they are better
/// otherwise, since they are the body's own.
fn has_items(body: &Group) -> bool {
    const ITEMS: [&str; 11] = [
        "const", "enum", "extern", "fn", "impl", "mod", "static", "struct", "trait", "type", "use",
    ];
    body.stream().into_iter().any(|token| match token {
        TokenTree::Ident(word) => ITEMS.iter().any(|item| word == item),
        _ => false,
    })
}

/// Splits the `#![..]` attributes, which are the function's, from the body.
fn inner_attributes(body: &Group) -> (TokenStream, TokenStream) {
    let mut tokens = body.stream().into_iter().peekable();
    let mut inner = TokenStream::new();
    let mut rest = tokens.clone();
    while matches!(
        (rest.next(), rest.next(), rest.next()),
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Punct(bang)), Some(TokenTree::Group(_)))
            if hash.as_char() == '#' && bang.as_char() == '!'
    ) {
        inner.extend(tokens.by_ref().take(3));
        rest = tokens.clone();
    }
    (inner, tokens.collect())
}

/// A `$block` of a `macro_rules!` stands between invisible delimiters, which alone tell `unused_braces`
/// that its braces are no one's fault, and which do not survive an expansion; its braces say so here.
fn from_macro(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = &token else {
        return token;
    };
    if group.delimiter() != Delimiter::None {
        return token;
    }
    let content = group.stream().into_iter().map(|token| match token {
        TokenTree::Group(block) if block.delimiter() == Delimiter::Brace => {
            let mut braces = Group::new(Delimiter::Brace, block.stream());
            braces.set_span(Span::mixed_site().located_at(block.span()));
            TokenTree::Group(braces)
        }
        token => token,
    });
    TokenTree::Group(Group::new(Delimiter::None, content.collect()))
}
