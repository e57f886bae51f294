//! Where the flights of a service live: in a new group of its own, or in one of the user's.

use coalesce_runtime::{Config, Group};

/// Every service that the layer makes has a new group; its clones share it.
#[derive(Debug, Clone)]
pub struct NewGroup {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
}

/// Where a service finds its group: [`NewGroup`], or a [`Group`] that the layer is given.
pub trait GroupFor<K, V>: Clone {
    #[doc(hidden)]
    fn group(&self) -> Group<K, V>;
}

// Without bounds, so that a type which can't be shared is refused for what it is.
impl<K, V> GroupFor<K, V> for NewGroup {
    fn group(&self) -> Group<K, V> {
        Group::new().named(self.name).with_config(self.config)
    }
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static> GroupFor<K, V> for Group<K, V> {
    fn group(&self) -> Group<K, V> {
        self.clone()
    }
}
