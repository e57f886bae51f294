//! What stands for crates that take minutes to build: their types and traits, as far as these functions see them.

pub(crate) mod actix_web;
pub(crate) mod async_graphql;
pub(crate) mod diesel;
pub(crate) mod reqwest;
pub(crate) mod sea_orm;
pub(crate) mod sqlx;
pub(crate) mod tonic;
pub(crate) mod uuid;
