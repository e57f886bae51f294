//! What an argument may be to the calls, by the words of its type and by its name: so that a refusal offers what
//! is safe for it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, Signature, Type};

use crate::{
    bounds::bounds,
    home::Home,
    types::{argument, peeled},
    variable::Variable,
};

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
    /// What is borrowed, or pointed at: a row, of which a field tells it from others.
    Row,
    /// What a handler has of a request, not taken out of its wrapper: `path: Path<u64>`.
    Extractor,
    /// Whose calls these are, or what they go through, where other servers compare the keys.
    InCluster,
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
        } else if variable.ty.is_some_and(is_extractor) {
            Self::Extractor
        } else if variable.ty.is_some_and(is_row) {
            Self::Row
        } else {
            Self::Plain
        }
    }

    /// What it is to the calls of this home: a registry in it would not be its cluster's.
    pub(crate) fn of_home(self, home: &Home<'_>) -> Self {
        match self {
            Self::Receiver | Self::Owner | Self::Connection if home.is_cluster() => Self::InCluster,
            _ => self,
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
            Self::Row => "row",
            Self::Extractor => "extractor",
            Self::InCluster => "in_cluster",
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

/// Whether a type is a transaction by its name, or a reference to one: `Transaction<'_, Postgres>`.
pub(crate) fn is_transaction(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Reference(reference) => is_transaction(&reference.elem),
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident.to_string().ends_with("Transaction")),
        _ => false,
    }
}

/// Whether a type is one that axum and actix put around what a request says.
fn is_extractor(ty: &Type) -> bool {
    ["Form", "Json", "Path", "Query"]
        .iter()
        .any(|name| argument(peeled(ty), name).is_some())
}

/// Whether a type is a reference to a struct, or a pointer to one, and not of those that only say what is asked for:
/// all of them is the key.
fn is_row(ty: &Type) -> bool {
    const ASKED: [&str; 12] = [
        "Args", "Criteria", "Filter", "Id", "Input", "Key", "Options", "Page", "Params", "Query",
        "Range", "Spec",
    ];
    let ty = peeled(ty);
    let behind = match peeled(argument(ty, "Option").unwrap_or(ty)) {
        Type::Reference(reference) => peeled(&reference.elem),
        ty => match argument(ty, "Arc") {
            Some(ty) => ty,
            None => return false,
        },
    };
    let name = match argument(behind, "Arc").unwrap_or(behind) {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    };
    name.is_some_and(|name| !ASKED.iter().any(|end| name.ends_with(end)))
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
