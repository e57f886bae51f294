//! Functions that are async by their return type: what `#[async_trait]` makes of an `async fn`.
//!
//! ```text
//! fn fetch(&self, id: u64) -> Pin<Box<dyn Future<Output = User> + Send + '_>> {
//!     Box::pin(async move { BODY })
//! }
//! ```

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{ReturnType, Signature, Type};

use crate::{output::output_of, types::argument};

pub(crate) struct BoxedFuture {
    /// All up to the arguments of `Box::pin`.
    before: TokenStream,
    /// The `async` of its block, and the `move`.
    pub(crate) asyncness: Ident,
    /// The block.
    pub(crate) body: Group,
    /// What the future resolves to.
    pub(crate) output: Type,
}

impl BoxedFuture {
    /// Finds the block, if the function returns a boxed future and ends with `Box::pin(async move {})`.
    pub(crate) fn find(sig: &Signature, body: &Group) -> Option<Self> {
        let ReturnType::Type(_, ty) = &sig.output else {
            return None;
        };
        let output = output(ty)?.clone();
        let mut before: Vec<TokenTree> = body.stream().into_iter().collect();
        let Some(TokenTree::Group(arguments)) = before.pop() else {
            return None;
        };
        let called = before.last()?.to_string();
        if sig.asyncness.is_some()
            || arguments.delimiter() != Delimiter::Parenthesis
            || called != "pin"
        {
            return None;
        }
        let mut block = arguments.stream().into_iter();
        match (block.next()?, block.next()?, block.next()?, block.next()) {
            (TokenTree::Ident(asyncness), TokenTree::Ident(word), TokenTree::Group(body), None)
                if asyncness == "async"
                    && word == "move"
                    && body.delimiter() == Delimiter::Brace =>
            {
                Some(Self {
                    before: before.into_iter().collect(),
                    asyncness,
                    body,
                    output,
                })
            }
            _ => None,
        }
    }

    /// The function's body, with this in the place of the block's.
    pub(crate) fn around(&self, block: &Group) -> TokenStream {
        let Self {
            before, asyncness, ..
        } = self;
        quote!(#before(#asyncness move #block))
    }
}

/// `Output` in `Pin<Box<dyn Future<Output = Output>>>`, and in `BoxFuture<'_, Output>` of the futures crate.
fn output(ty: &Type) -> Option<&Type> {
    for alias in ["BoxFuture", "LocalBoxFuture"] {
        if let Some(output) = argument(ty, alias) {
            return Some(output);
        }
    }
    let Type::TraitObject(object) = argument(argument(ty, "Pin")?, "Box")? else {
        return None;
    };
    object.bounds.iter().find_map(output_of)
}
