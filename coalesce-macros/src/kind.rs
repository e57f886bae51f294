//! What an argument may be to the calls, by the words of its type and by its name: so that a refusal offers what
//! is safe for it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, Signature};

use crate::{bounds::bounds, variable::Variable};

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Anything.
    Plain,
    /// Whose calls these are: `self`.
    Receiver,
    /// What holds the registry further down, and may hold more that decides the result.
    Handle,
    /// What holds pools and clients.
    Owner,
    /// What calls go through: another database, another's token, a transaction.
    Connection,
    /// Who asks, and with what rights.
    Asker,
    /// A type that is for the caller to choose.
    Generic,
    /// What has no order to be hashed in.
    Unordered,
}

impl Kind {
    pub(crate) fn of(variable: &Variable<'_>, sig: &Signature) -> Self {
        let name = variable.name.to_string();
        if name == "self" {
            return Self::Receiver;
        }
        let Some(ty) = variable.argument else {
            return Self::Plain;
        };
        let generic = variable.ty.and_then(|ty| bounds(sig, ty));
        let mut words = Vec::new();
        words_in(ty.to_token_stream(), &mut words);
        for bound in generic.iter().flatten() {
            words_in(bound.to_token_stream(), &mut words);
        }
        let any = |is: fn(&str) -> bool| words.iter().any(|word| is(word));
        if any(is_connection) || CONNECTIONS.contains(&&*name) {
            Self::Connection
        } else if any(is_asker) || ASKERS.contains(&&*name) {
            Self::Asker
        } else if any(is_owner) || OWNERS.contains(&&*name) {
            Self::Owner
        } else if generic.is_some() {
            Self::Generic
        } else if any(|word| word == "HashMap" || word == "HashSet") {
            Self::Unordered
        } else {
            Self::Plain
        }
    }

    /// The function of the runtime that takes a part of this kind.
    pub(crate) fn part(self, at: Span) -> Ident {
        let name = match self {
            Self::Plain => "part",
            Self::Receiver => "receiver",
            Self::Handle => "handle",
            Self::Owner => "owner",
            Self::Connection => "connection",
            Self::Asker => "asker",
            Self::Generic => "generic",
            Self::Unordered => "unordered",
        };
        Ident::new(name, at)
    }
}

const OWNERS: [&str; 6] = ["app", "context", "ctx", "repo", "service", "state"];

const CONNECTIONS: [&str; 11] = [
    "client",
    "conn",
    "connection",
    "db",
    "executor",
    "http",
    "pool",
    "transaction",
    "trx",
    "tx",
    "txn",
];

const ASKERS: [&str; 6] = ["claims", "headers", "identity", "req", "request", "session"];

fn is_owner(word: &str) -> bool {
    ["Context", "Ctx", "Repo", "Repository", "Service", "State"]
        .iter()
        .any(|end| word.ends_with(end))
        || word == "App"
}

fn is_connection(word: &str) -> bool {
    [
        "Channel",
        "Client",
        "Conn",
        "Database",
        "Executor",
        "Pool",
        "Transaction",
    ]
    .iter()
    .any(|part| word.contains(part))
        || ["Db", "Tx", "Txn"].contains(&word)
}

fn is_asker(word: &str) -> bool {
    [
        "Auth",
        "Claims",
        "Cookie",
        "Header",
        "Identity",
        "Principal",
        "Session",
    ]
    .iter()
    .any(|part| word.contains(part))
        || ["Extension", "Parts", "Request", "HttpRequest"].contains(&word)
}

fn words_in(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => words_in(group.stream(), words),
            _ => {}
        }
    }
}
