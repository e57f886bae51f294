//! Stands for the crate.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    fmt::Display,
};

/// What a query has with it: the schema's data, and that of who asks.
pub(crate) struct Context<'a> {
    data: &'a [Box<dyn Any + Send + Sync>],
}

impl<'a> Context<'a> {
    pub(crate) fn new(data: &'a [Box<dyn Any + Send + Sync>]) -> Self {
        Self { data }
    }

    pub(crate) fn data_unchecked<T: 'static>(&self) -> &'a T {
        let mut data = self.data.iter();
        data.find_map(|it| it.downcast_ref()).expect("it was given")
    }
}

/// `Clone`, as in the crate.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub(crate) message: String,
}

impl<T: Display + Send + Sync + 'static> From<T> for Error {
    fn from(error: T) -> Self {
        let message = error.to_string();
        Self { message }
    }
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Of the crate's `DataLoader`.
pub(crate) trait Loader<K> {
    type Value;
    type Error;

    fn load(
        &self,
        keys: &[K],
    ) -> impl Future<Output = Result<HashMap<K, Self::Value>, Self::Error>> + Send;
}

/// What a loader answers, in order.
pub(crate) async fn load_many<V>(
    loader: &impl Loader<String, Value = V, Error = Error>,
    keys: &[&str],
) -> Result<BTreeMap<String, V>, String> {
    let keys: Vec<_> = keys.iter().map(|&key| key.to_owned()).collect();
    let loaded = loader.load(&keys).await.map_err(|error| error.message)?;
    Ok(loaded.into_iter().collect())
}
